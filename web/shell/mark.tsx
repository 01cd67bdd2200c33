/** The sign of the product: three bars, the three foundations. */
export function Mark({ size = 36 }: { size?: number }) {
  return (
    <svg width={size} height={size} viewBox="0 0 32 32" aria-hidden="true">
      <rect width="32" height="32" rx="7" fill="var(--brand)" />
      <g fill="#fff"><rect x="7" y="7" width="18" height="4" rx="1" /><rect x="9" y="14" width="14" height="4" rx="1" /><rect x="6" y="21" width="20" height="4" rx="1" /></g>
    </svg>
  )
}
