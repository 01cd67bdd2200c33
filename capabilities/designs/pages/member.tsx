import { IconButton } from '../../../web/ui/button.tsx'
import { Icon } from '../../../web/ui/icons.tsx'
import type { Member } from '../design.ts'
import type { TabProps } from './tab.ts'

/** What one member needs to be drawn. */
export type MemberProps = TabProps & { member: Member; at: number; set: (changes: Member) => void; wrong: (...path: (string | number)[]) => string | undefined }

/** A button that drops one row of a list inside a member. */
export function DropRow({ label, onDrop }: { label: string; onDrop: () => void }) {
  return <IconButton label={label} onClick={onDrop}><Icon name="close" size={16} /></IconButton>
}
