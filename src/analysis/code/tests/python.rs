//! Python's rules.

use super::super::rules;
use super::{Case, check, check_complete};
use crate::source::tree::Grammar;

const CASES: &[Case] = &[
    (
        "python/mutable-default",
        &[
            "def f(x=[]):\n    x.append(1)\n    return x\n",
            "def f(a, x: dict = {}):\n    x['a'] = a\n",
            "async def f(x=set()):\n    x |= {1}\n",
        ],
        &[
            "def f(x=[]):\n    return len(x)\n",
            "def f(x=[]):\n    x = list(x)\n    x.append(1)\n",
            "def f(x=()):\n    y = []\n    y.append(x)\n",
            "def f(key, cache={}):\n    cache[key] = 1\n",
            "def f(x=None):\n    'def f(x=[]): x.append(1)'\n",
            "def f(x=[]):\n    def g(x):\n        x.append(1)\n",
            "def f():\n    def g(m={}):\n        m[1] = 2\n",
            "def f(x=[0]):\n    x[0] += 1\n",
        ],
    ),
    (
        "python/default-now",
        &["def f(at=datetime.now()):\n    pass\n", "def f(id: str = uuid.uuid4()):\n    pass\n"],
        &[
            "def f(at=datetime.now):\n    pass\n",
            "def f(at=None):\n    at = datetime.now()\n",
            "def f(x=Depends(now)):\n    pass\n",
        ],
    ),
    (
        "python/late-binding",
        &[
            "for i in range(3):\n    fs.append(lambda: i)\n",
            "fs = [lambda: i * 2 for i in range(3)]\n",
            "for k, v in d.items():\n    h[k] = lambda x: v + x\n",
        ],
        &[
            "for i in range(3):\n    fs.append(lambda i=i: i)\n",
            "for i in range(3):\n    xs.append(max(ys, key=lambda y: y + i))\n",
            "fs = [sorted(x, key=lambda y: y[i]) for i in range(3)]\n",
            "for i in range(3):\n    fs.append(lambda x: x)\n",
            "fs.append(lambda: i)\n",
        ],
    ),
    (
        "python/bare-except",
        &["try:\n    f()\nexcept:\n    g()\n"],
        &[
            "try:\n    f()\nexcept:\n    g()\n    raise\n",
            "try:\n    f()\nexcept Exception:\n    g()\n",
            "try:\n    f()\nexcept:\n    sys.exit(1)\n",
            "x = '''\ntry:\n    f()\nexcept:\n    g()\n'''\n",
        ],
    ),
    (
        "python/swallowed-exception",
        &[
            "try:\n    f()\n    g()\nexcept Exception:\n    pass\n",
            "try:\n    f()\nexcept BaseException as e:\n    pass\n",
        ],
        &[
            "try:\n    f()\nexcept KeyError:\n    pass\n",
            "try:\n    f()\nexcept Exception:\n    log()\n",
            "try:\n    f()\nexcept Exception:\n    pass  # f may not be there\n",
            "try:\n    f()\nexcept Exception:\n    # no matter\n    pass\n",
            "try:\n    x.close()\nexcept Exception:\n    pass\n",
        ],
    ),
    (
        "python/except-or",
        &[
            "try:\n    f()\nexcept A or B:\n    g()\n",
            "try:\n    f()\nexcept (A or B) as e:\n    g()\n",
        ],
        &["try:\n    f()\nexcept (A, B):\n    g()\n"],
    ),
    (
        "python/raise-without-from",
        &["try:\n    f()\nexcept A as e:\n    raise B(e)\n"],
        &[
            "try:\n    f()\nexcept A as e:\n    raise B(e) from e\n",
            "try:\n    f()\nexcept A as e:\n    raise\n",
            "try:\n    f()\nexcept A as e:\n    raise e\n",
            "try:\n    f()\nexcept A:\n    raise B()\n",
            "try:\n    f()\nexcept A as e:\n    def g():\n        raise B()\n",
            "raise B()\n",
        ],
    ),
    (
        "python/leave-in-finally",
        &[
            "def f():\n    try:\n        g()\n    finally:\n        return 1\n",
            "for x in y:\n    try:\n        g()\n    finally:\n        break\n",
        ],
        &[
            "def f():\n    try:\n        g()\n    finally:\n        for x in y:\n            break\n",
            "def f():\n    try:\n        return g()\n    finally:\n        h()\n",
            "def f():\n    try:\n        g()\n    finally:\n        def h():\n            return 1\n",
        ],
    ),
    (
        "python/raise-not-implemented",
        &["def f():\n    raise NotImplemented\n", "def f():\n    raise NotImplemented('x')\n"],
        &[
            "def f():\n    raise NotImplementedError\n",
            "def __eq__(self, o):\n    return NotImplemented\n",
        ],
    ),
    (
        "python/none-comparison",
        &["if x == None:\n    pass\n", "y = f(a) != None\n"],
        &[
            "if x is None:\n    pass\n",
            "q.filter(User.name == None)\n",
            "rows = df[df.a == None]\n",
            "x = None\n",
            "if a == b == None:\n    pass\n",
        ],
    ),
    (
        "python/is-literal",
        &["if x is 'a':\n    pass\n", "if x is not 1:\n    pass\n", "if x is -1:\n    pass\n"],
        &[
            "if x is None:\n    pass\n",
            "if x is True:\n    pass\n",
            "if x is y:\n    pass\n",
            "if x == 'is':\n    pass\n",
        ],
    ),
    (
        "python/assert-tuple",
        &["assert (x, 'message')\n"],
        &["assert x, 'message'\n", "assert (x)\n", "assert ()\n"],
    ),
    (
        "python/assert-permission",
        &[
            "def f(user):\n    assert user.is_admin\n",
            "def f(u):\n    assert check_password(u, p), 'no'\n",
        ],
        &[
            "def f(user):\n    assert user.name\n",
            "def f(user):\n    if not user.is_admin:\n        raise X()\n",
        ],
    ),
    (
        "python/changed-while-iterating",
        &[
            "for x in xs:\n    if x:\n        xs.remove(x)\n",
            "d = {}\nfor k in d:\n    del d[k]\n",
            "d = dict(a)\nfor k, v in d.items():\n    pass\nfor k in d.keys():\n    d.pop(k)\n",
        ],
        &[
            "for x in list(xs):\n    xs.remove(x)\n",
            "for x in xs[:]:\n    xs.remove(x)\n",
            "for x in xs:\n    if x:\n        xs.remove(x)\n        break\n",
            "for x in xs:\n    ys.remove(x)\n",
            "for k in message.keys():\n    del message[k]\n",
            "for x in xs:\n    xs.remove(x)\n    return\n",
        ],
    ),
    (
        "python/sort-result",
        &["xs = [1]\nys = xs.sort()\n", "ys = [b, a].sort(key=f)\n"],
        &[
            "ys = sorted(xs)\n",
            "ys = np.sort(xs)\n",
            "ys = frame.sort()\n",
            "xs = [1]\nxs.sort()\n",
        ],
    ),
    (
        "python/duplicate-key",
        &["d = {'a': 1, 'b': 2, 'a': 3}\n", "d = {1: 'a', 1: 'b'}\n"],
        &[
            "d = {'a': 1, 'b': 1}\n",
            "d = {'a': 1, b'a': 2, a: 3}\n",
            "d = {'1': 1, 1: 2}\n",
            "d = {f'{x}': 1, f'{x}': 2}\n",
        ],
    ),
    (
        "python/concat-in-loop",
        &[
            "s = ''\nfor x in xs:\n    s += f'{x},'\n",
            "def f():\n    s = ''\n    while g():\n        s += 'a' + h()\n",
        ],
        &[
            "n = 0\nfor x in xs:\n    n += 1\n",
            "s = ''\ns += f'{x}'\n",
            "for x in xs:\n    s = ''\n    s += f'{x},'\n",
            "parts = []\nfor x in xs:\n    parts += f'{x}'\n",
        ],
    ),
    (
        "python/mean-of-nothing",
        &["def mean(xs):\n    return sum(xs) / len(xs)\n"],
        &[
            "def mean(xs):\n    if not xs:\n        return 0\n    return sum(xs) / len(xs)\n",
            "def mean(xs):\n    return sum(xs) / len(xs) if xs else 0\n",
            "def mean(xs):\n    return sum(xs) / max(len(xs), 1)\n",
            "def mean():\n    xs = [1]\n    return sum(xs) / len(xs)\n",
        ],
    ),
    (
        "python/eval",
        &[
            "def f(text):\n    return eval(text)\n",
            "eval(input())\n",
            "def f(request):\n    exec(request.args.get('code'))\n",
            "def f(request):\n    exec(request.args.get('code'), {})\n",
            "def f(rows):\n    return eval(rows[0])\n",
        ],
        &[
            "eval('1 + 1')\n",
            "model.eval()\n",
            "def f(code):\n    exec(code, namespace)\n",
            "def f(text):\n    return eval(text, namespace)\n",
            "ast.literal_eval(x)\n",
            "exec(compile(source, name, 'exec'))\n",
            "# eval(input())\n",
        ],
    ),
    (
        "python/shell-command",
        &[
            "os.system('ls ' + path)\n",
            "subprocess.run(f'ls {path}', shell=True)\n",
            "cmd = 'rm %s' % name\nsubprocess.call(cmd, shell=True)\n",
        ],
        &[
            "os.system('ls')\n",
            "subprocess.run(['ls', path])\n",
            "subprocess.run(f'ls {path}')\n",
            "os.system(f'ls {shlex.quote(path)}')\n",
            "os.system('kill %d' % os.getpid())\n",
        ],
    ),
    (
        "python/sql-text",
        &[
            "cursor.execute(f\"SELECT * FROM users WHERE name = '{name}'\")\n",
            "q = 'DELETE FROM t WHERE id = ' + id\ndb.execute(q)\n",
            "c.execute(\"UPDATE t SET a = '%s'\" % a)\n",
            "c.execute('SELECT * FROM t WHERE a = {}'.format(a))\n",
        ],
        &[
            "cursor.execute('SELECT * FROM users WHERE name = %s', (name,))\n",
            "cursor.execute(f'SELECT * FROM {TABLE}')\n",
            "cursor.execute(f'SELECT * FROM {table} WHERE id = ?', (id,))\n",
            "cursor.execute(f'SELECT * FROM t WHERE id IN ({placeholders})', ids)\n",
            "log.text(f'Select a file from {folder}')\n",
        ],
    ),
    (
        "python/yaml-load",
        &["import yaml\nyaml.load(f)\n", "import yaml\nyaml.load(f, Loader=yaml.Loader)\n"],
        &[
            "import yaml\nyaml.safe_load(f)\n",
            "import yaml\nyaml.load(f, Loader=yaml.SafeLoader)\n",
            "from ruamel.yaml import YAML\nyaml = YAML()\nyaml.load(f)\n",
        ],
    ),
    (
        "python/pickle-from-outside",
        &["pickle.loads(request.data)\n", "data = sock.recv(100)\nx = pickle.loads(data)\n"],
        &[
            "pickle.loads(pickle.dumps(x))\n",
            "pickle.load(open(path, 'rb'))\n",
            "json.loads(request.data)\n",
        ],
    ),
    (
        "python/mktemp",
        &[
            "import tempfile\np = tempfile.mktemp()\n",
            "from tempfile import mktemp\np = mktemp('.txt')\n",
        ],
        &["import tempfile\np = tempfile.mkstemp()\n", "p = mktemp()\n"],
    ),
    (
        "python/weak-password-hash",
        &["h = hashlib.md5(password.encode()).hexdigest()\n"],
        &[
            "h = hashlib.md5(data).hexdigest()\n",
            "h = hashlib.scrypt(password, salt=salt)\n",
            "h = hashlib.sha1(password_file)\n",
        ],
    ),
    (
        "python/guessable-token",
        &[
            "import random\nreset_token = ''.join(random.choice(letters) for _ in range(20))\n",
            "import random\ndef make_session():\n    token = random.random()\n",
        ],
        &[
            "import secrets\nreset_token = secrets.token_hex()\n",
            "import random\ncolour = random.choice(colours)\n",
            "import random\ntoken = random.choice(tokens)\n",
        ],
    ),
    (
        "python/tls-verification-off",
        &[
            "import requests\nrequests.get(u, timeout=1, verify=False)\n",
            "context = ssl._create_unverified_context()\n",
            "import ssl\ncontext.verify_mode = ssl.CERT_NONE\n",
        ],
        &[
            "import requests\nrequests.get(u, timeout=1, verify=path)\n",
            "x.get(u, verify=False)\n",
            "def f(insecure):\n    if insecure:\n        context.verify_mode = ssl.CERT_NONE\n",
        ],
    ),
    (
        "python/request-without-timeout",
        &["import requests\nrequests.get(u)\n"],
        &[
            "import requests\nrequests.get(u, timeout=5)\n",
            "import requests\nrequests.get(u, **options)\n",
            "requests.get('key')\n",
            "import requests\nrequests.Session()\n",
        ],
    ),
    (
        "python/flask-debug",
        &["from flask import Flask\napp = Flask('a')\napp.run(debug=True)\n"],
        &["from flask import Flask\napp.run(debug=False)\n", "server.run(debug=True)\n"],
    ),
    (
        "python/file-not-closed",
        &[
            "text = open(path).read()\n",
            "for line in open(path):\n    print(line)\n",
            "data = json.load(open(path))\n",
        ],
        &[
            "with open(path) as f:\n    text = f.read()\n",
            "f = open(path)\nf.close()\n",
            "x = open()\n",
            "text = Path(p).open().read()\n",
        ],
    ),
    (
        "python/blocking-in-async",
        &[
            "import time\nasync def f():\n    time.sleep(1)\n",
            "import requests\nasync def f():\n    return requests.get(u, timeout=1)\n",
        ],
        &[
            "import time\ndef f():\n    time.sleep(1)\n",
            "import time\nasync def f():\n    def g():\n        time.sleep(1)\n    await to_thread(g)\n",
            "import time\nasync def f():\n    await to_thread(time.sleep, 1)\n",
        ],
    ),
    (
        "python/not-awaited",
        &[
            "async def g():\n    pass\nasync def f():\n    g()\n",
            "class A:\n    async def g(self):\n        pass\n    async def f(self):\n        self.g()\n",
        ],
        &[
            "async def g():\n    pass\nasync def f():\n    await g()\n",
            "async def g():\n    pass\nasync def f():\n    t = g()\n    await t\n",
            "@decorated\nasync def g():\n    pass\nasync def f():\n    g()\n",
            "class A:\n    async def g(self):\n        pass\nclass B:\n    async def f(self):\n        self.g()\n",
            "async def g():\n    pass\nasync def f():\n    asyncio.create_task(g())\n",
        ],
    ),
    (
        "python/hard-coded-secret",
        &[
            "API_KEY = '9f8a7c6b5d4e3f2a1b0c'\n",
            "connect(db_password='kX9mQ2vL7pR4')\n",
            "d = {'client_secret': 'kX9mQ2vL7pR4'}\n",
        ],
        &[
            "API_KEY = os.environ['API_KEY']\n",
            "API_KEY = 'your-api-key-here-1'\n",
            "password_field = 'kX9mQ2vL7pR4'\n",
            "api_key = f'{prefix}9f8a7c6b5d4e'\n",
        ],
    ),
];

#[test]
fn each_rule_finds_what_it_is_for_and_leaves_its_near_misses_alone() {
    check("app.py", CASES);
}

#[test]
fn each_rule_has_cases() {
    let rules = rules::of(Grammar::Python).iter().copied().flatten();
    check_complete(rules.map(|one| one.rule.id), CASES);
}
