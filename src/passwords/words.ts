const mostTexts = 80
const mostWords = 64
const shortestWord = 3
const longestWord = 64

/**
 * The words someone who knows the account would try first: each text whole, its parts, and its parts
 * joined; in lower case, NFC, longest first, at most 64 words of 3 to 64 UTF-16 units. Texts that are
 * not there (null, undefined) are passed over; texts that are words already stay what they are.
 */
export function passwordWords(texts: readonly (string | null | undefined)[]): readonly string[] {
  const words = new Set<string>()
  for (const text of texts.slice(0, mostTexts)) {
    for (const word of wordsOf(text ?? '')) {
      if (word.length >= shortestWord && word.length <= longestWord) words.add(word)
    }
  }
  return [...words].sort((a, b) => b.length - a.length).slice(0, mostWords)
}

function wordsOf(text: string): readonly string[] {
  const bounded = text.slice(0, 4 * longestWord).toWellFormed()
  const whole = bounded.normalize('NFC').toLowerCase().trim()
  const parts = whole.split(/[^\p{L}\p{M}\p{N}]+/u)
  return [whole, parts.join(''), ...parts]
}
