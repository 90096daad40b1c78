// A guided tour: captions, one after the other, each with the step that it is about.

import { button, make } from "./dom.js";

export class Tour {
  constructor(player, captions) {
    this.player = player;
    this.captions = captions;
    this.at = 0;
  }

  start() {
    if (this.captions.length) this.show(0);
  }

  move(by) {
    if (this.captions.length) this.show(Math.max(0, Math.min(this.captions.length - 1, this.at + by)));
  }

  show(number) {
    this.at = number;
    const { player } = this;
    const { text, recording, line, visit, block, thread, warp } = this.captions[number];
    if (recording !== player.number) player.load(recording);
    player.choose(block, thread);
    player.view = warp ? "warp" : "step";
    player.go(this.stepOf(line, visit));
    player.caption.textContent = "";
    make(player.caption, "p", "", text);
    const bar = make(player.caption, "div");
    make(bar, "span", "", `${number + 1} of ${this.captions.length}`);
    const turn = (face, by) => button(bar, face, "", () => { this.move(by); player.root.focus(); });
    if (number) turn("Back", -1);
    if (number < this.captions.length - 1) turn("Next", 1).classList.add("on");
  }

  /** The block's step at a line of the kernel, on its `visit`th visit; the last step if there is no line. */
  stepOf(line, visit) {
    const { header, recording, steps, last } = this.player;
    if (line === null) return last;
    let seen = 0;
    for (const step of steps) {
      const [, , first, end] = header.places[recording.rows.place[recording.starts[step]]];
      if (line >= first && line <= end && ++seen === visit) return step;
    }
    return last;
  }
}
