// npm semver 7.6.3
const semver = require(process.argv[2]);
const eq = (a, b) => { if (JSON.stringify(a) !== JSON.stringify(b)) throw new RangeError("expected " + b + " got " + a); };
eq(semver.inc("1.2.3", "prerelease", "beta"), "1.2.4-beta.0");
for (const kind of ["major", "minor", "patch", "premajor", "preminor", "prepatch", "prerelease"]) { semver.inc("1.2.3-alpha.1", kind), semver.inc("1.2.3", kind, "rc", "1"), semver.inc("1.0.0-0", kind); }
eq(semver.satisfies("1.2.3", "1.x || >=2.5.0 || 5.0.0 - 7.2.3"), true);
for (const range of ["^1.2.3", "~1.2", ">=1.0.0 <2", "1.2.3 - 2.3", "*", "", "^0.0.3", "~0", "1 || 2 || 3.x", ">1.2.3-alpha.3", "^1.2.3-beta.2", "<=2.x", "x", "=1.0.0", "<0.0.0-0", "^0.x", "~1.2.3-rc.1"]) {
  const r = new semver.Range(range, { includePrerelease: range.length % 2 === 0 });
  r.toString(), r.test("1.2.3"), semver.validRange(range), semver.minVersion(range), semver.maxSatisfying(["1.2.3", "1.3.0-beta", "2.0.0"], range), semver.minSatisfying(["1.2.3", "2.0.0"], range), semver.gtr("9.0.0", range), semver.ltr("0.0.1", range), semver.outside("3.0.0", range, ">"), semver.simplifyRange(["1.2.3", "1.2.4", "1.3.0", "2.0.0"], range), semver.toComparators(range);
  for (const other of ["^1.2.0", ">=3", "1.2.3"]) semver.intersects(range, other), semver.subset(range, other);
}
const sorted = semver.sort(["1.10.0", "1.2.0", "1.2.0-beta.2", "1.2.0-beta.11", "1.2.0+build"]);
eq(sorted[0], "1.2.0-beta.2");
semver.rsort([...sorted]), semver.compareBuild("1.0.0+a", "1.0.0+b"), semver.diff("1.2.3", "2.0.0-pre"), semver.diff("1.0.0", "1.0.1"), semver.diff("1.0.0-1", "1.0.0"), semver.coerce("v3.4 replaces 2"), semver.coerce("1.2.3.4", { rtl: true, includePrerelease: true }), semver.prerelease("1.2.3-a.1"), semver.parse("1.2.3-x+y").build, semver.clean("  =v1.2.3 "), semver.major("1.2.3"), semver.minor("1.2.3"), semver.patch("1.2.3"), semver.cmp("1.0.0", "!==", "2.0.0"), semver.compareLoose("01.0.0", "1.0.0"), semver.eq("1.0.0", "1.0.0+x"), semver.compareIdentifiers("1", "a"), semver.rcompareIdentifiers("2", "10");
const v = new semver.SemVer("1.2.3-rc.1+5");
v.compareMain("1.2.4"), v.comparePre("1.2.3-rc.2"), v.format(), v.inspect, v.compare(v), v.inc("pre", "rc", "0"), v.compareBuild("1.2.3");
const c = new semver.Comparator(">=1.2.3");
c.test("1.3.0"), c.intersects(new semver.Comparator("<2.0.0"), { includePrerelease: true }), c.toString(), new semver.Comparator("").test("1.0.0");
for (const bad of ["x.y", "1.2", "", "1.2.3.4", "v", null]) { semver.valid(bad), semver.validRange("=> " + bad); try { new semver.SemVer(bad); } catch (e) { if (!/Invalid/.test(e.message)) throw e; } }
