/** `task:12`, `list:3`, `record:41:village-month:2018-06` → the page about it; undefined when there is none. */
export function placeOfNotice(subject: string): string | undefined {
  const [what, ...ids] = subject.split(':')
  if (what === 'task') return `/tasks/${ids[0]}`
  if (what === 'list') return `/lists/${ids[0]}`
  if (what === 'plan') return `/changes/ahead/${ids[0]}`
  if (what === 'design') return `/designs/${ids[0]}`
  if (what === 'meeting' || what === 'pairing') return `/promises/${what}s/${ids[0]}`
  const officer = { asking: '/burden/register', exception: '/burden/register', objection: '/burden/objections', suggestion: '/burden/suggestions', commitment: '/promises', matter: '/promises/matters' }[what ?? '']
  if (officer) return officer
  return what === 'record' && ids.length === 3 ? `/returns/${ids.join('/')}` : undefined
}
