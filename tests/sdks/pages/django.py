import os
from wsgiref.util import setup_testing_defaults

os.environ["DJANGO_SETTINGS_MODULE"] = "settings"

from django.core.wsgi import get_wsgi_application

application = get_wsgi_application()
environ = {"PATH_INFO": "/andon-test/", "HTTP_HOST": "shop.example"}
setup_testing_defaults(environ)
answer = application(environ, lambda status, headers: print(status))
list(answer)
answer.close()

import sentry_sdk

sentry_sdk.flush(timeout=60)
