/** The canonical text of a formula: the same formula always has the same text, so the text can be a key. */
import { Big } from 'big.js'
import type { Ast } from './ast.ts'

const strength = {
  or: 1, and: 2,
  '=': 4, '<>': 4, '<': 4, '<=': 4, '>': 4, '>=': 4,
  '+': 5, '-': 5,
  '*': 6, '/': 6,
} as const
const notStrength = 3
const comparisonStrength = 4
const negateStrength = 7
const atomStrength = 8

/**
 * @returns the canonical text: one space around operators and after commas, brackets only where they are needed,
 * numbers written out (5万 → 50000, 80% → 0.8), and/or/not in English. Parsing it gives the same formula again.
 */
export function formatFormula(ast: Ast): string {
  switch (ast.kind) {
    case 'number':
      return ast.value
    case 'money':
      return `${new Big(ast.value).div(100).toFixed()}元`
    case 'text':
      return `'${ast.value.replaceAll("'", "''")}'`
    case 'yesNo':
      return String(ast.value)
    case 'name':
      return ast.name
    case 'negate':
      return `-${bracketed(ast.of, negateStrength)}`
    case 'not':
      return `not ${bracketed(ast.of, notStrength)}`
    case 'call':
      return `${ast.name}(${ast.args.map(formatFormula).join(', ')})`
    case 'binary': {
      const own = strength[ast.op]
      // Operators read from left to right, so only the right side needs brackets at equal strength;
      // comparisons do not chain, so there both sides do.
      const left = bracketed(ast.left, own === comparisonStrength ? own + 1 : own)
      return `${left} ${ast.op} ${bracketed(ast.right, own + 1)}`
    }
  }
}

function bracketed(ast: Ast, least: number): string {
  const text = formatFormula(ast)
  return strengthOf(ast) < least ? `(${text})` : text
}

function strengthOf(ast: Ast): number {
  if (ast.kind === 'binary') return strength[ast.op]
  if (ast.kind === 'not') return notStrength
  if (ast.kind === 'negate') return negateStrength
  return atomStrength
}
