// `make lint-js`: the step player's script, gpusim/view/player/js.

const browser = ["atob", "Blob", "clearTimeout", "console", "DecompressionStream", "document", "getComputedStyle",
  "HTMLButtonElement", "HTMLInputElement", "MutationObserver", "ResizeObserver", "Response", "setTimeout", "TextDecoder",
  "window"];

export default [
  {
    files: ["gpusim/view/player/js/*.js"],
    languageOptions: {
      ecmaVersion: 2022,
      sourceType: "module",
      globals: Object.fromEntries([...browser, "mount"].map((name) => [name, "readonly"])), // `mount` is of player.js
    },
    linterOptions: { reportUnusedDisableDirectives: true },
    rules: {
      "consistent-return": "error", "constructor-super": "error", "eqeqeq": "error", "for-direction": "error",
      "getter-return": "error", "max-len": ["error", { code: 120 }], "no-class-assign": "error",
      "no-const-assign": "error", "no-dupe-args": "error", "no-dupe-class-members": "error", "no-dupe-keys": "error",
      "no-empty": "error", "no-eval": "error", "no-fallthrough": "error", "no-implied-eval": "error",
      "no-self-assign": "error", "no-shadow": "error", "no-undef": "error", "no-unreachable": "error",
      "no-unused-vars": "error", "no-use-before-define": ["error", { functions: false }], "no-var": "error",
      "prefer-const": "error", "valid-typeof": "error",
    },
  },
];
