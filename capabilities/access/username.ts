/** A user name as it is kept and compared: without case, width and surrounding spaces. */
export function plainUsername(typed: string): string {
  return typed.normalize('NFKC').trim().toLowerCase()
}

/** Two to forty letters, digits, dots, hyphens or underscores, in any script. */
export function isUsername(name: string): boolean {
  return /^[\p{L}\p{N}._-]{2,40}$/u.test(name)
}
