declare module 'virtual:contract' {
  import type { AnyContractRouter } from '@orpc/contract'

  const contract: AnyContractRouter
  export default contract
}

declare module 'virtual:menu-texts/*' {
  const texts: Record<string, unknown>
  export default texts
}
