import { useTranslation } from 'react-i18next'
import { useMe } from '../../../web/shell/me.ts'
import { Moment, StateTag } from '../../../web/ui/marks.tsx'
import type { Account } from '../access.contract.ts'

/** What an account is now: in use, disabled, locked until, still with its first password; and whether it is a sample. */
export function AccountState({ account }: { account: Account }) {
  const { t } = useTranslation('access')
  return (
    <span className="row tight">
      {account.disabled
        ? <StateTag tone="bad">{t('accountState.disabled')}</StateTag>
        : account.lockedUntil
          ? <StateTag tone="warn">{t('accountState.lockedUntil')} <Moment at={account.lockedUntil} /></StateTag>
          : <StateTag tone="good">{t('accountState.active')}</StateTag>}
      {account.mustChangePassword && !account.disabled && <StateTag>{t('accountState.firstPassword')}</StateTag>}
      {account.secondFactor && <StateTag>{t('accountState.secondFactor')}</StateTag>}
      {account.identity && <StateTag>{t('accountState.identity')}</StateTag>}
      {account.sample && <StateTag>{t('accountState.sample')}</StateTag>}
    </span>
  )
}

/** The words that account pages share: names of states, and why not on oneself. */
export function useAccountWords() {
  const { t } = useTranslation('access')
  const me = useMe()
  return {
    stateName: (state: string) => t(`accountState.${state}`),
    whyNot: (account: Account, move: string) => {
      const told = account.moves.find((one) => one.move === move)
      return account.id === me.account && told?.why === 'same-person' ? t('notYourself') : undefined
    },
  }
}
