// Words and their places in a text.

// Where each word stands: [begin, end] in `text`, or null for one that is not there. Words come in
// the order of the text.
export function locate(text, words) {
  let from = 0;
  return words.map((word) => {
    const begin = word === "" ? -1 : text.indexOf(word, from);
    if (begin < 0) return null;
    from = begin + word.length;
    return [begin, from];
  });
}

// How much target word `t` attends to each source word, 0 to 1. Without attention the alignment
// tells: a link is 1.
export function weights_of(translation, t) {
  const row = translation.attention && translation.attention[t];
  if (row && row.length) return row;
  const weights = new Array(translation.source_words.length).fill(0);
  for (const [s, other] of translation.alignment || []) if (other === t) weights[s] = 1;
  return weights;
}

// And the other way: how much each target word attends to source word `s`.
export const weights_to = (translation, s) =>
  translation.target_words.map((_, t) => weights_of(translation, t)[s] || 0);

// A weight as the strength of a colour: small ones show, the smallest do not.
export const strength = (weight) => weight < 0.06 ? 0 : Math.min(1, weight) ** 0.7;
