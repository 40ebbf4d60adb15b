// The story of one peer: a project made by its own program, some of it broken by hand, comes in whole and leaves again.
// Usage: node story.mjs backlog|taskmaster DIRECTORY-OF-ITS-PROGRAMS PLANDOWN

import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { cpSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { isDeepStrictEqual } from "node:util";

const [peer, bin, plandown] = process.argv.slice(2);
const work = mkdtempSync(join(tmpdir(), "peers-"));
process.on("exit", () => rmSync(work, { recursive: true, force: true }));
const home = join(work, "home");
mkdirSync(home);
// Nothing of the person who runs this, and no color.
const env = { PATH: bin + delimiter + process.env.PATH, HOME: home, USER: "tester", NO_COLOR: "1", CI: "1", LANG: "C.UTF-8" };

// Until something of ours came in, only their program can be what does not work here.
let began = false;

function fail(message) {
  console.error(`FAILED: ${message}`);
  process.exit(1);
}

function same(what, got, expected) {
  if (isDeepStrictEqual(got, expected)) return;
  fail(`${what}\n  got      ${JSON.stringify(got)}\n  expected ${JSON.stringify(expected)}`);
}

/** Runs a program to its end; anything but the exit code that is expected ends the story. */
function run(cwd, program, args, code = 0) {
  const out = spawnSync(program, args, { cwd, env, encoding: "utf8", timeout: 120_000, stdio: ["ignore", "pipe", "pipe"] });
  if (out.error || out.status !== code) {
    if (!began && program !== plandown) {
      console.log(`SKIPPED: ${program} does not run on this machine: ${out.error ?? out.signal ?? `exit ${out.status}`}\n${out.stderr}`);
      process.exit(0);
    }
    fail(`${program} ${args.join(" ")}: ${out.error ?? `exit ${out.status}`}\n${out.stdout}\n${out.stderr}`);
  }
  return out;
}
const theirs = (cwd, program, ...args) => run(cwd, program, args).stdout;
const ours = (cwd, ...args) => run(cwd, plandown, args).stdout;

function workspace(name) {
  const dir = join(work, name);
  mkdirSync(dir);
  ours(dir, "init", "--no-git");
  return dir;
}

/** Path, hash and mode of every file that is not the program's own. */
function tree(dir) {
  const files = readdirSync(dir, { recursive: true }).filter((f) => !f.includes(".state")).map((f) => join(dir, f)).filter((f) => statSync(f).isFile());
  return files.sort().map((f) => [f, createHash("sha256").update(readFileSync(f)).digest("hex"), statSync(f).mode]);
}

function tasks(dir) {
  return JSON.parse(ours(dir, "list", "--all", "--all-sessions", "--json")).tasks;
}

/** Brings a project in: every title is there once, the source is as it was, and the import compares equal. */
function bringIn(dir, format, path, titles) {
  began = true;
  const before = tree(path);
  const report = JSON.parse(ours(dir, "import", format, path, "--json"));
  same("the source is as it was", tree(path), before);
  same("every task is visible", tasks(dir).map((t) => t.title).sort(), [...titles].sort());
  for (const row of report.tables) same(`${row.source}: every row is accounted for`, row.read, row.imported + row.aside);
  ours(dir, "migrate", "verify");
  return report;
}

/** The codes of what a report says about a place. */
const remarks = (report, place) => report.findings.filter((f) => f.place.includes(place)).map((f) => f.code).sort();

/** What a task says, found by an id it has or once had. */
const shown = (dir, id) => JSON.parse(ours(dir, "task", "show", id, "--json")).task;

/** The titles of what a task depends on. */
const waits = (dir, id) => shown(dir, id).depends_on.map((d) => shown(dir, d).title).sort();

function backlog() {
  const project = join(work, "backlog-project");
  mkdirSync(project);
  const bl = (...args) => theirs(project, "backlog", ...args);
  bl("init", "Peer ✓ project", "--defaults", "--no-git", "--integration-mode", "none");
  bl("milestone", "add", "Release ✓ 1.0");
  const create = (...args) => bl("task", "create", ...args, "--plain");
  create("Fix login: handle 2FA", "-d", "Zeile — eins", "--ac", "works", "--ac", "tested", "-l", "auth,später", "--priority", "high", "--due-date", "2026-12-24", "-a", "@ana");
  create(`日本語 ✓ with 'single' and "double" quotes`, "--dep", "task-1", "-m", "Release ✓ 1.0", "-s", "In Progress", "--plan", "1. do\n2. more", "--notes", "noted", "--ref", "https://example.com/a");
  create("Write the guide", "-p", "task-1");
  create("Write its index", "-p", "task-1.1");
  create("An idea", "--draft");
  create("Finished earlier", "-s", "Done", "--final-summary", "all of it");
  bl("task", "complete", "task-3");
  create("Put away");
  bl("task", "archive", "task-4");
  // It gets the number of the archived one again.
  create("Last of all", "--dep", "task-1.1,task-2");
  bl("task", "edit", "task-1", "--check-ac", "1");

  const by_hand = {
    "task-20 - Colon.md": "---\nid: TASK-20\ntitle: Broken: by a colon\nstatus: To Do\nlabels: [a, b\ndependencies: [TASK-1]\n---\n\n## Description\n\nbody\n",
    "task-21 - Quote.md": "---\nid: TASK-21\ntitle: 'Never closed\nstatus: Done\n---\n\ntext\n",
    "task-22 - No-end.md": "---\nid: TASK-22\ntitle: Without an end\nstatus: To Do\n\n## Description\n\ntext\n",
    "task-23 - Without-front-matter.md": "Only text.\n",
    "task-1 - A-copy.md": "---\nid: TASK-1\ntitle: A copy\nstatus: Done\n---\n\nby hand\n",
    "task-24 - Crlf.md": "\ufeff---\r\nid: TASK-24\r\ntitle: From Windows\r\nstatus: Somehow\r\ncustom: kept\r\n---\r\n\r\n- [ ] inside\r\n",
    "task-25 - Circle.md": "---\nid: TASK-25\ntitle: Above itself\nstatus: To Do\nparent_task_id: TASK-26\ndependencies: [TASK-25]\n---\n",
    "task-26 - Circle.md": "---\nid: TASK-26\ntitle: Below itself\nstatus: To Do\nparent_task_id: TASK-25\n---\n",
    "task-27 - Bytes.md": Buffer.concat([Buffer.from("---\nid: TASK-27\ntitle: Odd bytes\nstatus: To Do\n---\n\nlatin "), Buffer.from([0xe9, 0xff]), Buffer.from("\n")]),
  };
  const folder = join(project, "backlog", "tasks");
  for (const [name, text] of Object.entries(by_hand)) writeFileSync(join(folder, name), text);
  const made = ["Fix login: handle 2FA", `日本語 ✓ with 'single' and "double" quotes`, "Write the guide", "Write its index", "An idea", "Finished earlier", "Put away", "Last of all"];
  const broken = ["Broken: by a colon", "Never closed", "Without an end", "Without front matter", "A copy", "From Windows", "Above itself", "Below itself", "Odd bytes"];

  const here = workspace("from-backlog");
  const report = bringIn(here, "backlog", project, [...made, ...broken]);
  for (const n of [20, 21, 22, 23]) same(`task-${n} is reported`, remarks(report, `task-${n} `).includes("broken-file"), true);
  same("bytes that are no text are reported", remarks(report, "task-27 "), ["broken-file"]);
  same("old ids lead to their tasks", ["TASK-1.1", "TASK-1.1.1", "task-4"].map((id) => shown(here, id).title), ["Write the guide", "Write its index", "Last of all"]);
  same("dependencies", waits(here, "task-4"), ["Write the guide", made[1]].sort());

  // Back into a project of theirs: their program shows all of it, at the numbers it had.
  ours(here, "export", "--all", "--format", "backlog", "--out", "out/");
  const seen = [];
  for (const session of readdirSync(join(here, "out"))) {
    seen.push(...theirs(join(here, "out", session), "backlog", "task", "list", "--plain").split("\n").filter((l) => /^\s+(\[\w+\] )*[A-Z]+-/.test(l)));
  }
  for (const title of [...made, ...broken]) {
    same(`their program shows \`${title}\``, seen.filter((line) => line.includes(` - ${title}`)).length, 1);
  }
  same("no more and no less", seen.length, made.length + broken.length);
  const out = join(here, "out", "backlog");
  const back = theirs(out, "backlog", "task", "list", "--plain");
  same("criteria are criteria", back.includes("TASK-1 - Fix login: handle 2FA (ac: 1/2)"), true);
  same("numbers stay", back.includes("TASK-1.1.1 - Write its index"), true);
  const view = theirs(out, "backlog", "task", "view", "task-4", "--plain");
  same("dependencies are theirs", /TASK-1\.1 - Write the guide/.test(view) && /TASK-2 - 日本語/.test(view), true);
  theirs(out, "backlog", "doctor");

  // A plan that never was theirs, changed by their program, and home again.
  const plan = workspace("our-own");
  const titles = ["Eins: ✓ (draft)", "Darunter", "Noch tiefer", "Blocked one", "Zwei"];
  const dir = join(plan, ".task_orchestrator", "sessions", "own");
  mkdirSync(dir, { recursive: true });
  writeFileSync(join(dir, "session.md"), `# Own\n\n## Bau\n\n- [ ] ${titles[0]}\n  - [x] ${titles[1]}\n    - [ ] ${titles[2]}\n- [!] ${titles[3]}\n\n## Doc\n\n- [ ] ${titles[4]} [due:: 2026-12-01]\n`);
  ours(plan, "sync");
  ours(plan, "export", "--format", "backlog", "--out", "out/");
  const exported = join(plan, "out", "own");
  const list = theirs(exported, "backlog", "task", "list", "--plain");
  for (const title of titles) same(`their program shows \`${title}\``, list.split(` - ${title}`).length, 2);
  const again = workspace("home-again");
  bringIn(again, "backlog", exported, titles);
  const facts = (d) => tasks(d).map((t) => [t.id, t.title, t.status]);
  same("ids and states came back", facts(again), facts(plan));
  theirs(exported, "backlog", "task", "edit", "task-2", "-s", "Done");
  const changed = workspace("changed-there");
  bringIn(changed, "backlog", exported, titles);
  same("their change came along", tasks(changed).find((t) => t.title === "Zwei")?.status ?? "", facts(plan).find((f) => f[1] === "Zwei")[2]);
}

function taskmaster() {
  const project = join(work, "taskmaster-project");
  const folder = join(project, ".taskmaster", "tasks");
  mkdirSync(folder, { recursive: true });
  const file = join(folder, "tasks.json");
  writeFileSync(file, '{"master":{"tasks":[],"metadata":{"created":"2026-01-01T00:00:00.000Z","description":"Tasks for master context"}}}\n');
  const tm = (...args) => theirs(project, "task-master", ...args);
  tm("add-task", "--title=Setup ✓: 'one'", "--description=Größe — ü", "--details=in detail", "--priority=high");
  tm("add-task", "--title=日本語 \"two\"", "--description=zwei", "--dependencies=1");
  tm("add-subtask", "--parent=1", "--title=Inner", "--description=x");
  tm("add-subtask", "--parent=1", "--title=Inner two", "--dependencies=1");
  tm("add-dependency", "--id=2", "--depends-on=1.1");
  tm("set-status", "1.1", "done");
  tm("set-status", "2", "review");
  tm("tags", "add", "later", "--description", "what comes then");
  tm("add-task", "--title=In another tag", "--description=y", "--tag=later");
  const made = ["Setup ✓: 'one'", '日本語 "two"', "Inner", "Inner two", "In another tag"];

  const here = workspace("from-taskmaster");
  bringIn(here, "taskmaster", project, made);
  same("subtasks are found by their old ids", shown(here, "1.2").title, "Inner two");
  same("dependencies", waits(here, "2"), ["Inner", "Setup ✓: 'one'"]);
  const states = Object.fromEntries(tasks(here).map((t) => [t.title, t.status]));
  same("states", [states.Inner, states['日本語 "two"']], ["completed", "in_review"]);

  // The same file as people and models leave it.
  const broken = join(work, "taskmaster-broken");
  cpSync(project, broken, { recursive: true });
  const json = JSON.parse(readFileSync(file, "utf8"));
  json.master.tasks.push(
    { id: 3, title: "Of an unknown state", status: "wobbly", dependencies: [99, 3, "nobody"], subtasks: null },
    { id: 1, title: "Doubled id", status: "pending", complexityScore: 7, extra: { a: [1] } },
    { id: "../../evil", title: "Of an odd id", subtasks: [{ id: 1, title: "Below it", status: "deferred" }] },
    { title: "Without an id" },
    7,
  );
  json.master.tasks[1].dependencies.push(3);
  const place = join(broken, ".taskmaster", "tasks", "tasks.json");
  writeFileSync(place, JSON.stringify(json));
  const odd = workspace("from-broken");
  const report = bringIn(odd, "taskmaster", broken, [...made, "Of an unknown state", "Doubled id", "Of an odd id", "Below it", "Without an id"]);
  same("one row is no task", report.aside, 1);
  for (const code of ["status-unknown", "unresolved-dependency", "self-dependency", "duplicate-id"]) {
    same(`${code} is reported`, report.findings.some((f) => f.code === code), true);
  }

  // Half a file changes nothing.
  writeFileSync(place, readFileSync(file, "utf8").slice(0, 700));
  const nothing = workspace("from-half");
  const before = tree(nothing);
  const error = JSON.parse(run(nothing, plandown, ["import", "taskmaster", broken, "--json"], 5).stderr.trim().split("\n").pop()).error;
  same("half a file is refused", [error.code, error.message.includes("tasks.json:"), error.hint !== ""], ["source-syntax", true, true]);
  same("nothing has changed", tree(nothing), before);
}

const stories = { backlog, taskmaster };
stories[peer]();
console.log(`peers: the story of ${peer} is as it was told`);
