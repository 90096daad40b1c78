// The screen around the stage: head, findings, controls, and the column of the pinned thread.

import { shown } from "./reader.js";
import { button, make } from "./dom.js";
import { COUNTERS } from "./measure.js";
import { extentWords, indexWords } from "./words.js";

const KEYS = [
  ["← →", "step back, step on"], ["Shift ← →", "to the barrier before, the next barrier"],
  ["Home End", "first, last step"], ["Space", "play, stop"], ["+ −", "faster, slower"], ["f", "next finding"],
  ["b", "stop at this line, or no longer"], ["c", "next access to the clicked cell"],
  ["↑ ↓", "thread before, next thread"], ["[ ]", "block before, next block"], ["w", "warp's view"],
  ["p", "predict the next access"], ["o", "the other order of threads"], ["n", "next caption of a tour"],
  ["?", "these keys"],
];
const LEGEND = [
  ["active", "active"], ["masked", "masked, or not its turn"], ["waiting", "waiting"], ["gone", "gone"],
  ["read", "read"], ["write", "write"], ["atomic", "atomic"], ["empty", "never written"],
];
const MOST_ACCOUNTS = 6;

/** Make everything that stays; the player keeps what it writes into. */
export function build(player) {
  const { root } = player;
  const head = make(root, "div", "head");
  player.title = make(head, "div", "title");
  player.tools = make(head, "div", "tools");
  player.notes = make(root, "p", "notes");
  player.accounts = make(root, "div");
  player.caption = make(root, "div", "caption");
  player.saying = make(root, "div", "say");
  player.saying.setAttribute("aria-live", "polite");
  player.asking = make(root, "div", "predict");
  const main = make(root, "div", "main");
  player.left = make(main, "div", "source");
  player.stage = make(main, "div", "stage");
  player.canvas = make(player.stage, "canvas");
  player.canvas.setAttribute("role", "img");
  player.warpCanvas = make(player.stage, "canvas");
  player.side = make(main, "div", "side");
  const legend = make(player.stage, "div", "legend");
  for (const [name, text] of LEGEND) make(make(legend, "span"), "i", name).after(text);
  controls(player, make(root, "div", "bar"));
  const details = make(root, "details");
  make(details, "summary", "", "This step as a table").tabIndex = -1;
  player.table = make(details, "table");
  player.help = make(root, "dl", "help");
  player.help.hidden = true;
  for (const [keys, does] of KEYS) {
    make(player.help, "dt", "", keys);
    make(player.help, "dd", "", does);
  }
}

function controls(player, bar) {
  const buttons = make(bar, "div", "buttons");
  button(buttons, "first", "first step (Home)", () => player.go(player.steps[0]));
  button(buttons, "before", "barrier before (Shift ←)", () => player.barrier(-1));
  button(buttons, "back", "step back (←)", () => player.move(-1));
  player.playButton = button(buttons, "play", "play (Space)", () => player.play());
  button(buttons, "on", "step on (→)", () => player.move(1));
  button(buttons, "next", "next barrier (Shift →)", () => player.barrier(1));
  button(buttons, "last", "last step (End)", () => player.go(player.last));
  player.speedButton = button(buttons, "2/s", "steps a second (+ −)", () => player.faster(1, true));
  player.where = make(buttons, "span", "where");
  player.timeCanvas = make(bar, "canvas");
  player.timeCanvas.setAttribute("aria-hidden", "true");
}

/** The kernel's name, and the tools that are on or off. */
export function showHead(player) {
  const { title, tools, header, recordings } = player;
  title.textContent = "";
  make(title, "strong", "", header.kernel);
  const file = player.beside ? `${header.sources[0][1].split(/[\\/]/).pop()}, ` : ""; // two kernels may have one name
  make(title, "span", "", `${file}grid ${extentWords(header.grid)}, block ${extentWords(header.block)}`);
  tools.textContent = "";
  const tool = (text, name, act, pressed) => {
    const made = button(tools, text, name, () => { act(); player.root.focus(); });
    made.classList.toggle("on", Boolean(pressed));
    made.setAttribute("aria-pressed", String(Boolean(pressed)));
  };
  if (recordings.length > 1) {
    recordings.forEach((recording, i) => {
      tool(recording.header.title || "as it ran", "", () => player.load(i), i === player.number);
    });
  }
  tool("Warp", "lanes, sectors, banks (w)", () => player.toggleWarp(), player.view === "warp");
  tool("Predict", "say what comes next (p)", () => player.predict.toggle(), player.predict.on);
  tool("?", "keys (?)", () => player.toggleHelp(), !player.help.hidden);
}

/** What is not in the recording, and what is odd about it. */
export function showNotes({ notes, header }) {
  const all = header.grid[0] * header.grid[1] * header.grid[2];
  const parts = [];
  if (header.blocks.length < all) parts.push(`Recorded ${header.blocks.length} of ${all.toLocaleString("en")} blocks.`);
  if (!header.complete) parts.push("Recorded up to here: the launch went on.");
  if (header.rounded) parts.push("64-bit variables are shown to 7 digits.");
  if (header.one_by_one) parts.push("Threads run one by one, so a step is one thread's.");
  notes.textContent = parts.join(" ");
  notes.hidden = !parts.length;
}

/** The findings, as buttons that turn the spotlight on them. */
export function showAccounts(player) {
  const { accounts, spots } = player;
  accounts.textContent = "";
  for (const spot of spots.slice(0, MOST_ACCOUNTS)) {
    spot.button = button(accounts, "", spot.message, () => { player.shine(spot); player.root.focus(); });
    spot.button.className = `account ${spot.severity}`;
    make(spot.button, "b", "", `${spot.severity}, line ${spot.line}`);
    make(spot.button, "span", "", spot.message);
  }
  if (spots.length > MOST_ACCOUNTS) make(accounts, "p", "notes", `and ${spots.length - MOST_ACCOUNTS} more: press f`);
}

/** What the player needs of a finding. */
export function spotOf(finding, spot) {
  const lines = [`${finding.file}:${finding.line}`];
  let ghost = null;
  if (finding.other) {
    const other = finding.other.file || finding.file;
    lines.push(`${other}:${finding.other.line}`);
    const text = /put (cuda\.sync\w+\(\))/.exec(finding.message);
    if (text && other === finding.file && finding.line !== finding.other.line) {
      ghost = { after: `${other}:${Math.min(finding.line, finding.other.line)}`, text: text[1] };
    }
  }
  const parts = finding.message.split("; ");
  const fix = parts.length > 1 ? parts.pop() : "";
  const message = parts.join("; ");
  const { line, severity, kind } = finding;
  return { ...spot, lines, ghost, message, fix, line, severity, outcome: kind === "other-result" };
}

/** The pinned thread's variables, and the block's counters with what this step adds. */
export function showSide(player) {
  const { side, machine, header, meter } = player;
  side.textContent = "";
  const own = make(side, "div");
  const many = header.grid[0] * header.grid[1] * header.grid[2] > 1;
  const turn = (text, back, forth, act) => {
    const head = make(own, "h3");
    button(head, "‹", back, () => { act(-1); player.root.focus(); }).className = "turn";
    head.append(text);
    button(head, "›", forth, () => { act(1); player.root.focus(); }).className = "turn";
    return head;
  };
  if (many) {
    const block = `block ${indexWords(header.blocks[player.block], header.grid)}`;
    turn(block, "block before ([)", "next block (])", (by) => player.turnBlock(by));
  }
  const head = turn(`thread ${player.pinnedWords()}`, "thread before (↑)", "next thread (↓)", (by) => player.pin(by));
  make(head, "small", "", machine.status(player.pinned, player.active.has(player.pinned)));
  showVariables(player, own);
  const all = make(side, "div");
  make(all, "h3", "", many ? "this block so far" : "so far");
  const counters = make(all, "table", "counters");
  const [totals, added, final] = [meter.at(machine.step), meter.added(machine.step), meter.at(player.last)];
  COUNTERS.forEach((name, i) => {
    if (!final[i]) return;
    const line = make(counters, "tr", added[i] ? "new" : "");
    make(line, "th", "", name);
    make(line, "td", "", totals[i].toLocaleString("en"));
    make(line, "td", "plus", added[i] ? `+${added[i].toLocaleString("en")}` : "");
  });
}

function showVariables(player, parent) {
  const { machine, header, recording } = player;
  const [from, to] = recording.rowsOf(machine.step);
  const table = make(parent, "table", "variables");
  for (const { inside, name, value, row, type } of machine.variablesOf(player.pinned)) {
    if (inside !== player.place[0] && inside !== header.kernel) continue;
    const line = make(table, "tr", row >= from && row < to ? "new" : "");
    make(line, "th", "", name).title = type;
    make(line, "td", "", shown(value));
  }
  if (!table.children.length) make(parent, "p", "none", "no variables yet");
}
