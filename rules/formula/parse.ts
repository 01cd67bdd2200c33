/** Reads the text of a formula. Every pass is linear in the text: no pattern here can backtrack. */
import { Big } from 'big.js'
import { type Ast, type BinaryOperator, type Place, formulaProblem } from './ast.ts'
import { formatFormula } from './format.ts'

/** A formula has at most this many characters, both as it is typed and in its canonical text. */
export const longestFormula = 2_000
/** Brackets, functions, minus signs and `not` may be nested this deep. */
export const deepestFormula = 50

const mostWholeDigits = 30
const mostDecimals = 20

export type Token = Place & { text: string } & (
  | { kind: 'number' | 'money' | 'text'; value: string }
  | { kind: 'name' }
  | { kind: 'sign'; sign: string } // an operator, a word such as `and`, a bracket or a comma, in canonical form
  | { kind: 'end' }
)

// What a Chinese input method types in place of the plain sign, and the three words.
const signs = new Map<string, string>([
  ...['+', '-', '*', '/', '=', '<', '>', '(', ')', ',', '<>', '<=', '>='].map((sign) => [sign, sign] as const),
  ['＋', '+'], ['－', '-'], ['−', '-'], ['＊', '*'], ['×', '*'], ['／', '/'], ['÷', '/'],
  ['＝', '='], ['＜', '<'], ['＞', '>'], ['≥', '>='], ['≤', '<='], ['≠', '<>'],
  ['（', '('], ['）', ')'], ['，', ','],
])
const words = new Map([
  ['and', 'and'], ['且', 'and'],
  ['or', 'or'], ['或', 'or'],
  ['not', 'not'], ['非', 'not'],
  ['true', 'true'], ['false', 'false'],
])
const closingQuote = new Map([["'", "'"], ['‘', '’'], ['“', '”']])

const space = /\s+/uy
const numberPattern = /(\d+(?:\.\d+)?)(?:([%％])|([万亿]?)(元?))/uy
const namePattern = /[\p{L}_][\p{L}\p{Nd}_]*(?:\.[\p{L}_][\p{L}\p{Nd}_]*)*/uy

/** @throws Problem `formula-invalid` at the first place that is not a formula */
export function parseFormula(text: string): Ast {
  const tokens = tokensOf(text)
  let next = 0
  let depth = 0

  const peek = (): Token => tokens[next]!
  const isSign = (...wanted: string[]) => {
    const token = peek()
    return token.kind === 'sign' && wanted.includes(token.sign)
  }
  const place = (start: number): Place => {
    const last = tokens[next - 1]!
    return { at: start, length: last.at + last.length - start }
  }
  const nested = (read: () => Ast): Ast => {
    if (++depth > deepestFormula) throw formulaProblem(peek(), 'less-nesting', peek().text, { most: deepestFormula })
    const ast = read()
    depth--
    return ast
  }
  const chain = (part: () => Ast, ...operators: BinaryOperator[]) => (): Ast => {
    const start = peek().at
    let left = part()
    while (isSign(...operators)) {
      const op = signOf(tokens[next++]!) as BinaryOperator
      const right = part()
      left = { kind: 'binary', op, left, right, ...place(start) }
    }
    return left
  }

  const primary = (): Ast => {
    const token = peek()
    if (token.kind === 'number' || token.kind === 'money' || token.kind === 'text') {
      next++
      return { kind: token.kind, value: token.value, at: token.at, length: token.length }
    }
    if (isSign('true', 'false')) {
      next++
      return { kind: 'yesNo', value: signOf(token) === 'true', at: token.at, length: token.length }
    }
    if (isSign('(')) {
      next++
      const inner = nested(either)
      close()
      return inner
    }
    if (token.kind === 'name') {
      next++
      return isSign('(') ? call(token) : { kind: 'name', name: token.text, at: token.at, length: token.length }
    }
    throw formulaProblem(token, 'value', token.text)
  }
  const close = () => {
    if (!isSign(')')) throw formulaProblem(peek(), 'closing-bracket', peek().text)
    next++
  }
  const call = (name: Token): Ast => {
    next++
    const args: Ast[] = []
    if (!isSign(')')) {
      args.push(nested(either))
      while (isSign(',')) {
        next++
        args.push(nested(either))
      }
    }
    close()
    return { kind: 'call', name: name.text, args, ...place(name.at) }
  }
  const unary = (): Ast => {
    if (!isSign('-')) return primary()
    const start = tokens[next++]!.at
    const of = nested(unary)
    return { kind: 'negate', of, ...place(start) }
  }
  const product = chain(unary, '*', '/')
  const total = chain(product, '+', '-')
  const comparison = (): Ast => {
    const start = peek().at
    const left = total()
    // One comparison only: `1 < x < 5` does not mean what it seems to say.
    if (!isSign('=', '<>', '<', '<=', '>', '>=')) return left
    const op = signOf(tokens[next++]!) as BinaryOperator
    const right = total()
    return { kind: 'binary', op, left, right, ...place(start) }
  }
  const negation = (): Ast => {
    if (!isSign('not')) return comparison()
    const start = tokens[next++]!.at
    const of = nested(negation)
    return { kind: 'not', of, ...place(start) }
  }
  const both = chain(negation, 'and')
  const either: () => Ast = chain(both, 'or')

  const ast = either()
  if (peek().kind !== 'end') throw formulaProblem(peek(), 'operator-or-end', peek().text)
  // The canonical text is what is kept, so it has to be readable again.
  if (formatFormula(ast).length > longestFormula) throw tooLong(text)
  return ast
}

/**
 * @returns the tokens of a text, the last one of kind `end`
 * @throws Problem `formula-invalid` at the first character that belongs to no token
 */
export function tokensOf(text: string): Token[] {
  if (text.length > longestFormula) throw tooLong(text)
  const tokens: Token[] = []
  let at = 0
  const match = (pattern: RegExp) => {
    pattern.lastIndex = at
    return pattern.exec(text)
  }
  while (at < text.length) {
    const blank = match(space)
    if (blank) {
      at += blank[0].length
      continue
    }
    const word = numberAt(match(numberPattern), at) ?? nameAt(match(namePattern), at)
    const token = word ?? textAt(text, at) ?? signAt(text, at)
    if (!token) {
      const found = String.fromCodePoint(text.codePointAt(at)!)
      throw formulaProblem({ at, length: found.length }, 'known-character', found)
    }
    tokens.push(token)
    at += token.length
  }
  tokens.push({ kind: 'end', at: text.length, length: 0, text: '' })
  return tokens
}

function numberAt(match: RegExpExecArray | null, at: number): Token | undefined {
  if (!match) return undefined
  const [text, digits, percent, large, yuan] = match
  const place = { at, length: text.length }
  const written = digits!.split('.')
  if (written[0]!.length > mostWholeDigits || (written[1]?.length ?? 0) > mostDecimals) {
    throw formulaProblem(place, 'shorter-number', text)
  }
  const plain = new Big(digits!)
  const scaled = percent ? plain.times('0.01') : large ? plain.times(large === '万' ? 1e4 : 1e8) : plain
  const [whole, decimals = ''] = scaled.toFixed().split('.')
  // The limits hold for the written-out number as well, which is what the canonical text shows.
  if (whole!.length > mostWholeDigits || decimals.length > mostDecimals) {
    throw formulaProblem(place, 'shorter-number', text)
  }
  if (!yuan) return { kind: 'number', value: scaled.toFixed(), text, ...place }
  if (decimals.length > 2) throw formulaProblem(place, 'whole-fen', text)
  return { kind: 'money', value: scaled.times(100).toFixed(), text, ...place }
}

function nameAt(match: RegExpExecArray | null, at: number): Token | undefined {
  if (!match) return undefined
  const text = match[0]
  const sign = words.get(text)
  return sign ? { kind: 'sign', sign, text, at, length: text.length } : { kind: 'name', text, at, length: text.length }
}

function textAt(whole: string, at: number): Token | undefined {
  const open = whole[at]!
  const close = closingQuote.get(open)
  if (!close) return undefined
  let value = ''
  for (let from = at + 1; ; ) {
    const end = whole.indexOf(close, from)
    if (end < 0) throw formulaProblem({ at, length: whole.length - at }, 'closing-quote', whole.slice(at))
    value += whole.slice(from, end)
    const isDoubled = close === "'" && whole[end + 1] === "'"
    if (!isDoubled) return { kind: 'text', value, text: whole.slice(at, end + 1), at, length: end + 1 - at }
    value += "'"
    from = end + 2
  }
}

function signAt(whole: string, at: number): Token | undefined {
  for (const length of [2, 1]) {
    const text = whole.slice(at, at + length)
    const plain = [...text].map((sign) => signs.get(sign) ?? sign).join('')
    const sign = signs.get(plain)
    if (text.length === length && sign) return { kind: 'sign', sign, text, at, length }
  }
  return undefined
}

function signOf(token: Token): string {
  return token.kind === 'sign' ? token.sign : ''
}

function tooLong(text: string) {
  const place = { at: 0, length: text.length }
  return formulaProblem(place, 'shorter-formula', String(text.length), { most: longestFormula })
}
