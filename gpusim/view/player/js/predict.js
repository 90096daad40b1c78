// Predict: the next access of the pinned thread is hidden, and the player asks for it.

import { KIND } from "./reader.js";
import { button, make } from "./dom.js";
import { byWarp, sectorsOf, wavefronts } from "./measure.js";
import { indexIn } from "./machine.js";
import { elementAt, elementWords } from "./words.js";

export class Predict {
  constructor(player) {
    this.player = player;
    this.box = player.asking;
    this.box.hidden = true;
    this.score = [0, 0];
  }

  get asking() {
    return Boolean(this.question);
  }

  toggle() {
    this.on = !this.on;
    this.box.hidden = !this.on;
    this.question = null;
    if (this.on) this.ask();
    else this.player.update();
  }

  /** Go to the step before the pinned thread's next access, and ask. */
  ask() {
    const { player } = this;
    const found = this.next(player.machine.step);
    this.box.textContent = "";
    if (!found) {
      make(this.box, "p", "", `Thread ${player.pinnedWords()} accesses no more memory. ${this.scoreWords()}`);
      this.question = null;
      player.update();
      return;
    }
    this.question = found;
    player.hidden = true;
    player.go(found.step - 1);
    player.comeTo(found.step);
    player.update();
    const { array, kind } = found;
    const deed = kind === KIND.LOAD ? "read" : kind === KIND.STORE ? "write" : "update";
    make(this.box, "p", "", `Which element of ${array.name} does thread ${player.pinnedWords()} ${deed} in line `
      + `${player.header.places[player.recording.rows.place[found.row]][2]}? Click the cell, or write its index.`);
    const form = make(this.box, "form", "");
    this.index = this.field(form, `${array.name}[`, "]", "index, as in 1, 2");
    if (found.cost !== null) {
      const what = array.space === "shared" ? "wavefronts" : "sectors of 32 bytes";
      this.number = this.field(form, `and warp ${found.warp} needs`, what, what);
    } else {
      this.number = null;
    }
    make(form, "button", "", "Check").type = "submit";
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      this.answer(this.index.value, this.number && this.number.value);
    });
    this.result = make(this.box, "p", "result", this.scoreWords());
  }

  field(form, before, after, name) {
    const label = make(form, "label", "", before);
    const input = make(label, "input", "");
    input.setAttribute("aria-label", name);
    input.size = 6;
    label.append(after);
    return input;
  }

  next(step) {
    const { player } = this;
    const { recording, machine, pinned, block } = player;
    const { kind, what, mask, value } = recording.rows;
    for (let s = step + 1; s < recording.steps; s++) {
      const [from, to] = recording.rowsOf(s);
      for (let row = from; row < to; row++) {
        if (kind[row] < KIND.LOAD || kind[row] > KIND.ATOMIC) continue;
        const at = indexIn(recording.mask(mask[row]), pinned);
        const array = machine.arrays[what[row]];
        if (at < 0 || array.space === "local") continue;
        const warp = Math.floor((pinned % machine.perBlock) / 32);
        const lanes = byWarp(recording, machine, row, block).get(warp);
        const size = recording.values[value[row]].type[1];
        const cost = player.header.one_by_one || kind[row] === KIND.ATOMIC ? null
          : array.space === "shared" ? wavefronts(lanes, size)[0] : sectorsOf(lanes, size).size;
        const element = elementAt(array, recording.addresses(row)[at]);
        return { step: s, row, kind: kind[row], array, element, warp, cost };
      }
    }
    return null;
  }

  /** A click on a cell is an answer. */
  click(array, element) {
    if (!this.question || array !== this.question.array) return;
    this.index.value = elementWords(array, element).slice(array.name.length + 1, -1);
  }

  answer(index, number) {
    const { array, element, cost } = this.question;
    const right = elementWords(array, element);
    const given = index.replace(/[\s[\]()]/g, "").split(",").filter(Boolean).map(Number).join(", ");
    const marks = [`${array.name}[${given}]` === right];
    if (this.number) marks.push(Number(number) === cost && number.trim() !== "");
    this.score[0] += marks.filter(Boolean).length;
    this.score[1] += marks.length;
    this.answered = this.question.step;
    const what = array.space === "shared" ? "wavefront" : "sector";
    const said = [`${marks[0] ? "✓" : "✗"} It is ${right}`];
    if (this.number) said.push(`${marks[1] ? "✓" : "✗"} ${cost} ${what}${cost === 1 ? "" : "s"}`);
    this.question = null;
    this.player.hidden = false;
    this.player.go(this.answered);
    this.result.textContent = `${said.join("; ")}. ${this.scoreWords()}`;
    button(this.result, "Next question", "", () => this.ask()).focus();
  }

  scoreWords() {
    return this.score[1] ? `Score: ${this.score[0]} of ${this.score[1]}. ` : "";
  }
}
