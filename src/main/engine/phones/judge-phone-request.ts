import { isIpLiteral, parseAuthority } from '../../../shared/hostname.js'

export interface PhoneRequest {
  method: string
  /** as it was sent */
  target: string
  /** every Host field */
  hosts: readonly string[]
  /** port that the phone connected to */
  port: number
}

export type PhoneFile = 'page' | 'certificate' | 'profile'

export type PhoneVerdict = { kind: 'refuse'; status: 400 | 404 | 405 | 421 } | { kind: 'serve'; file: PhoneFile }

const FILES: Record<string, PhoneFile> = {
  '': 'page',
  'portico-ca.crt': 'certificate',
  'portico.mobileconfig': 'profile',
}

/**
 * Who may have what of the phones' page. A name that leads here by somebody else's DNS is none of ours (rebinding), and
 * without the token there is nothing.
 *
 * @param isToken compares in a time that tells nothing
 * @param names of ours that the network knows
 */
export function judgePhoneRequest(
  { method, target, hosts, port }: PhoneRequest,
  isToken: (text: string) => boolean,
  names: readonly string[],
): PhoneVerdict {
  const written = hosts.length === 1 ? parseAuthority(hosts[0] as string) : null
  if (written === null) return { kind: 'refuse', status: 400 }
  if (!isIpLiteral(written.host) && !names.includes(written.host)) return { kind: 'refuse', status: 421 }
  if ((written.port ?? 80) !== port) return { kind: 'refuse', status: 421 }
  const [, token, name] = /^\/([\w-]{1,100})\/([\w.-]{0,100})$/.exec(target) ?? []
  const file = name !== undefined && Object.hasOwn(FILES, name) ? FILES[name] : undefined
  if (token === undefined || file === undefined || !isToken(token)) return { kind: 'refuse', status: 404 }
  if (method !== 'GET' && method !== 'HEAD') return { kind: 'refuse', status: 405 }
  return { kind: 'serve', file }
}
