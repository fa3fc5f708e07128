
SECRET_KEY = "for a test"
ROOT_URLCONF = "urls"
ALLOWED_HOSTS = ["shop.example"]
