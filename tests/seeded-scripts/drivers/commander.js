// npm commander 12.1.0
const { Command, Option, Argument, InvalidArgumentError, CommanderError, Help } = require(process.argv[2]);
function make(log) {
  const program = new Command("shop");
  program.exitOverride().configureOutput({ writeOut: (s) => log.push(s), writeErr: (s) => log.push(s), getOutHelpWidth: () => 60 });
  program.version("1.2.3", "-V, --vers", "the version").description("A shop").option("-d, --debug", "debug").option("-c, --cheese [type]", "cheese", "blue").option("--no-sauce", "no sauce").option("-n, --number <n>", "number", (v) => { const n = parseInt(v, 10); if (isNaN(n)) throw new InvalidArgumentError("not a number"); return n; }, 3)
    .option("-l, --list <items...>", "list").requiredOption("-r, --req <x>", "required", "y").addOption(new Option("-s, --size <s>", "size").choices(["small", "large"]).default("small", "the small one")).addOption(new Option("--env <e>", "env").env("SHOP_ENV").hideHelp()).addOption(new Option("--red").conflicts("blue")).addOption(new Option("--blue").implies({ size: "large" }).preset("b"));
  program.command("add <name> [others...]").alias("a").description("adds").option("-f, --force").action((name, others, options, command) => { command.optsWithGlobals(), command.opts(); log.push([name, others, options.force]); });
  const sub = program.command("order").description("orders").addHelpText("after", "more\n");
  sub.command("show").argument("<id>", "the id", (v) => Number(v), 1).argument("[kind]", "kind", "x").action((id, kind) => log.push(id + kind));
  sub.command("del", { hidden: true }).addArgument(new Argument("<which>", "w").choices(["p", "q"])).action(() => {});
  program.hook("preAction", (c, a) => log.push("pre " + a.name())).hook("postAction", () => log.push("post"));
  program.on("option:debug", () => log.push("debug on"));
  program.showSuggestionAfterError().showHelpAfterError("(try --help)").enablePositionalOptions().configureHelp({ sortSubcommands: true, sortOptions: true, showGlobalOptions: true });
  return program;
}
const run = (...args) => { const log = []; const p = make(log); try { p.parse(args, { from: "user" }); } catch (e) { if (!(e instanceof CommanderError)) throw e; log.push(e.code); } p.opts(), p.getOptionValueSource("cheese"), p.helpInformation(), p.args; return log; };
if (!run("-d", "add", "x", "y", "z", "-f").includes("debug on")) throw new Error("no debug");
run("-c", "brie", "--no-sauce", "-n", "7", "-l", "a", "b", "--", "add", "q"), run("add"), run("ad", "x"), run("order", "show", "5", "k"), run("order", "show"), run("order", "del", "z"), run("order", "del", "p"), run("--help"), run("help", "order"), run("order", "--help"), run("-V"), run("--nubmer", "3"), run("-n", "x", "add", "y"), run("-s", "huge"), run("--red", "--blue"), run("--blue", "add", "n"), run("-dcgouda", "add", "m"), run("--cheese=edam", "a", "w"), run("unknown"), run("add", "x", "--what"), run("-r"), run("help", "add");
const bare = new Command().exitOverride().allowUnknownOption().argument("[x]").option("-p", "p").action(() => {});
bare.configureOutput({ writeErr: () => {}, writeOut: () => {} });
bare.parse(["node", "script", "-p", "-z", "v"]); bare.parseOptions(["-p", "--q", "r"]);
bare.setOptionValueWithSource("k", 1, "config"), bare.getOptionValue("k"), bare.usage(), bare.name(), bare.commands.length, bare.createHelp().wrap("some long text that is to be wrapped at some width", 50, 4), new Help().subcommandTerm(new Command("x").argument("<y>").alias("z"));
make([]).parseAsync(["add", "n"], { from: "user" }).then((p) => p.opts());
