# pypi packaging 24.2
from packaging import markers, requirements, specifiers, tags, utils, version
from packaging.metadata import Metadata, parse_email

for text in ("1.0", "1.0.dev1", "2!1.0a1.post2.dev3+local.7", "1.0rc1", "v1.2", "1.0-1"):
    v = version.Version(text)
    (v.epoch, v.release, v.pre, v.post, v.dev, v.local, v.public, v.base_version, v.is_prerelease, v.major, v.micro)
    assert str(version.parse(str(v))) == str(v)
assert sorted(map(version.Version, ["1.0", "1.0a1", "1.0.dev1", "1.0.post1", "1.0+x", "0.9"]))[0] == version.Version("0.9")
for spec, inside, outside in ((">=1.0,<2", "1.5", "2.0"), ("~=1.4.2", "1.4.9", "1.5"), ("==1.*", "1.7", "2.0"), ("!=1.1", "1.2", "1.1"),
                              (">1.0", "1.1", "1.0.post1"), ("===1.0", "1.0", "1.0.0"), ("<=2", "2", "3"), ("<1.0", "0.9", "1.0.dev1")):
    s = specifiers.SpecifierSet(spec)
    assert inside in s, (spec, inside)
    assert outside not in s, (spec, outside)
    list(s.filter(["0.1", inside, outside, "3.0a1"]))
    s & specifiers.SpecifierSet("!=9"), hash(s), str(s), len(s)
    s.contains("3.0a1", prereleases=True)
r = requirements.Requirement("shop[a,b]>=1.0,<2; python_version >= '3.8' and (os_name == 'posix' or extra == 'x')")
(r.name, r.extras, str(r.specifier), str(r), r.marker.evaluate({"extra": "x"}), r == requirements.Requirement(str(r)), hash(r))
requirements.Requirement("pip @ https://x.example/pip.zip ; sys_platform == 'linux'")
for marker in ("python_version in '3.8, 3.9'", "platform_machine != 'x86_64'", "'linux' in sys_platform", "python_full_version < '4'", "implementation_version >= '1'"):
    m = markers.Marker(marker)
    m.evaluate(), str(m), repr(m)
for bad in ("shop[", "shop>=", "shop; foo == 'x'", "shop @", "==1.0", "a b"):
    try:
        requirements.Requirement(bad)
    except requirements.InvalidRequirement as error:
        str(error)
utils.canonicalize_name("Foo__Bar.baz"), utils.canonicalize_version("1.0.0"), utils.is_normalized_name("a-b")
utils.parse_wheel_filename("foo-1.0-1-py3-none-any.whl"), utils.parse_sdist_filename("foo-1.0.tar.gz")
sorted(tags.parse_tag("py2.py3-none-any"), key=str), next(iter(tags.sys_tags())), list(tags.cpython_tags((3, 8), ["cp38"], ["p"]))[:3]
list(tags.mac_platforms((10, 15), "x86_64"))[:2], list(tags.compatible_tags((3, 8), "cp38", ["p"]))[:2]
META = "Metadata-Version: 2.1\nName: shop\nVersion: 1.0\nRequires-Dist: a>=1\nProject-URL: x, https://x.example\nKeywords: a,b\nClassifier: A :: B\nProvides-Extra: x\nRequires-Python: >=3\nDescription-Content-Type: text/markdown; charset=UTF-8\n\nBody"
raw, rest = parse_email(META)
m = Metadata.from_email(META)
(m.name, m.version, m.requires_dist, m.project_urls, m.keywords, m.requires_python, m.description, m.description_content_type)
