import { pinyin } from 'pinyin-pro'

/** Names of units use few characters over and over: each is looked up once. */
const known = new Map<string, string>()

/** @returns the pinyin initials of a name in lower case, for search: 东川县 → dcx; letters and digits stay */
export function initialsOf(name: string): string {
  let initials = ''
  for (const character of name) {
    let initial = known.get(character)
    if (initial === undefined) {
      initial = /[a-z0-9]/i.test(character) ? character.toLowerCase() : pinyin(character, { pattern: 'first', toneType: 'none' }).toLowerCase()
      if (!/^[a-z0-9]$/.test(initial)) initial = ''
      known.set(character, initial)
    }
    initials += initial
  }
  return initials
}
