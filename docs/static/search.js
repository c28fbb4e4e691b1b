// Ranks what the search finds by how it stands there, and quotes it. Sphinx fetches the pages for
// that, which a page that is opened from disk may not; SECTIONS holds what they say, and WORDS by
// which other words people look for them.
"use strict";

document.addEventListener("DOMContentLoaded", () => {
  const stemmer = new Stemmer();
  const query = new URLSearchParams(location.search).get("q") || "";
  // The ending of a stem may be another than that of the word: "accuraci" of "accuracy".
  const stems = splitQuery(query.toLowerCase())
    .filter((word) => !stopwords.has(word))
    .map((word) => _escapeRegExp(stemmer.stemWord(word).replace(/i$/, "")));
  if (!stems.length) return;

  const words = stems.map((stem) => new RegExp(`(?<![\\p{L}\\d])${stem}[\\p{L}\\d]*`, "giu"));
  const phrase = new RegExp(
    stems.map((stem) => `(?<![\\p{L}\\d])${stem}[\\p{L}\\d]*`).join("[\\s\\W_]*"),
    "giu",
  );
  const count = (text, pattern) => (text.match(pattern) || []).length;
  const hasAll = (text) => words.every((word) => count(text, word));

  // How much a section is about what is looked for: its heading, then the words side by side.
  const about = ([, heading, text]) =>
    (hasAll(heading) ? 20 : 0) +
    Math.min(count(text, phrase), 5) * 2 +
    words.filter((word) => count(text, word)).length;
  const best = (page) =>
    SECTIONS[page].reduce((one, other) => (about(other) > about(one) ? other : one));

  Scorer.score = ([page, , , , score]) => {
    if (!(page in SECTIONS)) return score;
    // What has changed and how the house is built has all words there are.
    const last = page.startsWith("project/") ? -30 : 0;
    const meant = (WORDS[page] || "").split(", ").some(hasAll) ? 20 : 0;
    return score + about(best(page)) + meant + last;
  };

  const quoted = (text) => {
    const at = text.search(phrase) >= 0 ? text.search(phrase) : text.search(words[0]);
    const from = at > 90 ? text.indexOf(" ", at - 90) + 1 : 0;
    const part = text.slice(from, from + 240).replace(/\s\S*$/, "");
    return `${from ? "… " : ""}${part}${from + 240 < text.length ? " …" : ""}`;
  };

  const marked = (text, into) => {
    const any = new RegExp(words.map((word) => word.source).join("|"), "giu");
    let done = 0;
    for (const found of text.matchAll(any)) {
      into.append(text.slice(done, found.index));
      into.appendChild(document.createElement("mark")).textContent = found[0];
      done = found.index + found[0].length;
    }
    into.append(text.slice(done));
  };

  const quote = (item) => {
    const link = item.querySelector("a");
    const [file, anchor] = link.getAttribute("href").split("#");
    const page = file.replace(/\.html$/, "");
    if (item.querySelector(".context") || !(page in SECTIONS)) return;
    const section = SECTIONS[page].find(([own]) => own === anchor) || best(page);
    const context = item.appendChild(document.createElement("p"));
    context.className = "context";
    if (section[0] !== anchor && section !== SECTIONS[page][0]) {
      const to = context.appendChild(document.createElement("a"));
      to.href = `${file}#${section[0]}`;
      to.textContent = section[1];
      context.append(": ");
    }
    marked(quoted(section[2]), context);
  };

  new MutationObserver(() =>
    document.querySelectorAll("#search-results li").forEach(quote),
  ).observe(document.getElementById("search-results"), { childList: true, subtree: true });
});
