// What anywidget calls to show a player in a notebook.

export default {
  async render({ model, el }) {
    const root = document.createElement("div");
    el.append(root);
    await mount(root, model.get("recordings"), model.get("options"));
  },
};
