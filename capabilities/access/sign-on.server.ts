import { betterAuth, type BetterAuthOptions } from 'better-auth'
import { parseSetCookieHeader } from 'better-auth/cookies'
import { fromNodeHeaders } from 'better-auth/node'
import { genericOAuth } from 'better-auth/plugins/generic-oauth'
import type { IncomingMessage } from 'node:http'
import { plainUsername } from './username.ts'

export type SignOnSettings = {
  issuer: string
  clientId: string
  clientSecret: string
  /** What the button calls it. */
  name: string
  /** The claim that carries the user name of the account here. */
  claim: string
}

/** Why nobody was let in: shown on the sign-in page as `sign-on-failed` with its own sentence. */
export type SignOnProblem = 'no-account' | 'other-identity' | 'disabled' | 'locked' | 'refused' | 'away'

const provider = 'oidc'

/**
 * Signing in through the province's identity provider: authorization code with PKCE, state and nonce, by the library
 * better-auth, which also verifies the ID token. An identity is tied to the account whose user name is in the claim,
 * once; later it is known by its subject. Accounts are never made here. An instance of its own, so that a provider
 * that is away never holds up a password.
 * @param linked told the account when an identity is tied to it
 */
export function makeSignOn(settings: SignOnSettings, options: BetterAuthOptions, linked: (account: string) => Promise<void>) {
  const make = () =>
    betterAuth({
      ...options,
      plugins: [
        genericOAuth({
          config: [
            {
              providerId: provider,
              discoveryUrl: `${settings.issuer.replace(/\/$/, '')}/.well-known/openid-configuration`,
              clientId: settings.clientId,
              clientSecret: settings.clientSecret,
              scopes: ['openid', 'profile'],
              pkce: true,
              disableSignUp: true,
              requireIdTokenVerification: true,
              mapProfileToUser: (profile) => accountMeant((profile as Record<string, unknown>)[settings.claim]),
            },
          ],
        }),
      ],
      account: {
        ...options.account,
        updateAccountOnSignIn: false,
        accountLinking: { enabled: true, trustedProviders: [provider], requireLocalEmailVerified: false },
      },
      databaseHooks: {
        ...options.databaseHooks,
        account: {
          create: {
            // Tokens of the provider are of no use afterwards: who somebody is was the whole question.
            before: async (account) => ({ data: { ...account, accessToken: null, refreshToken: null, idToken: null } }),
            after: async (account) => linked(account.userId),
          },
        },
      },
      onAPIError: { errorURL: '/' },
    })
  let made: ReturnType<typeof make> | undefined
  const auth = () => (made ??= make())

  /** Begins: the address of the provider, and the answer whose cookies carry the state. */
  async function start(request: IncomingMessage): Promise<{ url: string; answer: Response } | { problem: SignOnProblem }> {
    const answer = await auth().api.signInSocial({
      body: { provider, callbackURL: '/', errorCallbackURL: '/', disableRedirect: true },
      headers: fromNodeHeaders(request.headers),
      asResponse: true,
    })
    const body = (await answer.json().catch(() => ({}))) as { url?: string }
    return answer.ok && body.url ? { url: body.url, answer } : { problem: 'away' }
  }

  /** Ends: the session that the library made, or why there is none. */
  async function finish(
    request: IncomingMessage,
  ): Promise<{ answer: Response; to: string; cookie: (name: string) => string | undefined } | { problem: SignOnProblem }> {
    const address = new URL(request.url ?? '/', options.baseURL as string)
    const answer = await auth().handler(new Request(address, { headers: fromNodeHeaders(request.headers) }))
    const to = answer.headers.get('location')
    const error = to === null ? ((await answer.json().catch(() => ({}))) as { code?: string }).code : new URL(to, address).searchParams.get('error')
    if (to === null || error) return { problem: problemOf(error ?? '') }
    const cookies = parseSetCookieHeader(answer.headers.get('set-cookie') ?? '')
    return { answer, to, cookie: (name) => cookies.get(name)?.value }
  }

  return { start, finish }
}

/** The library finds accounts by e-mail; here that is the user name with an ending of its own (`insertAccounts`). */
function accountMeant(claim: unknown): { email: string; emailVerified: boolean; name: string } | Record<string, never> {
  if (typeof claim !== 'string' || claim.trim() === '') return { email: '', emailVerified: false, name: '' }
  return { email: `${plainUsername(claim)}@local.invalid`, emailVerified: true, name: claim }
}

function problemOf(error: string): SignOnProblem {
  const code = error.toLowerCase().replaceAll(' ', '_')
  if (code === 'account_disabled') return 'disabled'
  if (['signup_disabled', 'email_not_found', 'account_not_linked'].includes(code)) return 'no-account'
  if (code === 'unable_to_link_account') return 'other-identity'
  return 'refused'
}
