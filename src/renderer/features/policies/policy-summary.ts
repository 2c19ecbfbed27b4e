import type { PolicyKey, PolicySettings } from '../../../shared/policies-schema.js'
import { strings } from '../../strings.js'
import { bytesTyping, percentTyping } from './typed-values.js'

const text = strings.policies.summary

/** What a policy is set to, in one line. @param settings that are valid */
export function summaryOf<K extends PolicyKey>(policy: K, settings: PolicySettings<K>): string {
  const parts = SUMMARIES[policy](settings).filter((part) => part !== '')
  if (parts.length === 0) return text.defaults
  const line = parts.join(', ')
  return VERBATIM.has(policy) ? line : `${line[0]?.toUpperCase()}${line.slice(1)}`
}

/** Those whose line begins with a name, which stays as it is. */
const VERBATIM: ReadonlySet<PolicyKey> = new Set(['compression', 'cors'])

type Summaries = { readonly [K in PolicyKey]: (settings: PolicySettings<K>) => string[] }

const SUMMARIES: Summaries = {
  rateLimit: ({ rate, burst, by = 'client', redis }) => [
    `${text.rate(...rateParts(rate))} ${typeof by === 'string' ? text.by[by] : text.byHeader(by.header)}`,
    burst === undefined ? '' : text.burst(burst),
    redis === undefined ? '' : text.redis,
  ],
  access: ({ allow, deny }) => [
    allow === undefined ? '' : text.only(some(allow)),
    deny === undefined ? '' : text.not(some(deny)),
  ],
  basicAuth: ({ users }) => [text.users(some(Object.keys(users)))],
  jwt: ({ issuer, audience, jwks, keyFile }) => [
    issuer === undefined ? text.keys(jwks ?? keyFile ?? '') : text.issuedBy(some([issuer].flat())),
    audience === undefined ? '' : text.forWhom(some([audience].flat())),
  ],
  oidc: ({ issuer, allow }) => [text.at(hostOf(issuer)), allow === undefined ? '' : text.only(some(allow))],
  forwardAuth: ({ app, url, path }) => [text.asks(`${app ?? url ?? ''}${path ?? ''}`)],
  limits: ({ methods, bodyBytes, concurrency, queue }) => [
    methods === undefined ? '' : some(methods),
    bodyBytes === undefined ? '' : text.bodies(bytesText(bodyBytes)),
    concurrency === undefined ? '' : text.atOnce(concurrency),
    queue === undefined ? '' : text.waiting(queue),
  ],
  cors: ({ origins, credentials }) => [
    some(origins.map((origin) => (typeof origin === 'string' ? origin : `/${origin.regex}/`))),
    credentials === true ? text.cookies : '',
  ],
  securityHeaders: ({ preset, ...own }) => [
    preset === undefined ? '' : text.presets[preset],
    some(Object.keys(own).map((key) => strings.policies.labels[`securityHeaders.${key}`] ?? key)),
  ],
  compression: ({ encodings, minBytes }) => [
    some(encodings ?? ['zstd', 'br', 'gzip']),
    minBytes === undefined ? '' : text.from(bytesText(minBytes)),
  ],
  cache: ({ memoryBytes, diskBytes, defaultTtl }) => [
    text.memory(bytesText(memoryBytes ?? 67_108_864)),
    diskBytes === undefined ? '' : text.disk(bytesText(diskBytes)),
    defaultTtl === undefined ? '' : text.freshFor(defaultTtl),
  ],
  rewrite: ({ path, query, request, response, inject, split }) => [
    path === undefined ? '' : text.paths(path.length),
    query === undefined ? '' : text.query,
    request === undefined ? '' : text.requestHeaders,
    response === undefined ? '' : text.answerHeaders,
    inject === undefined ? '' : text.html,
    split === undefined ? '' : text.split(split.variants.map(({ name }) => name).join('/')),
  ],
  faults: ({ enabled, delay, abort, error, bandwidth }) => [
    enabled === false ? text.paused : '',
    delay === undefined ? '' : text.delay(delay.time, of(delay.share)),
    error === undefined ? '' : text.error(error.status, of(error.share)),
    abort === undefined ? '' : text.abort(of(abort.share)),
    bandwidth === undefined ? '' : text.bandwidth(bytesText(bandwidth)),
  ],
  mirror: ({ app, url, share }) => [text.to(app ?? url ?? '', of(share))],
  respond: ({ status = 200, file, body }) => [
    text.answer(status),
    file === undefined ? shortened(body?.trim().split('\n')[0] ?? '') : file,
  ],
}

const MOST = 3
const LONGEST = 40

function some(names: readonly string[]): string {
  const shown = names.slice(0, MOST).join(', ')
  return names.length > MOST ? text.andMore(shown, names.length - MOST) : shown
}

function rateParts(rate: string): [string, string] {
  const [amount = '', unit = ''] = rate.split('/')
  return [Number(amount).toLocaleString('en'), strings.policies.rateUnits[unit as 's' | 'm' | 'h' | 'd'] ?? unit]
}

function bytesText(bytes: number): string {
  const { amount, unit } = bytesTyping('bytes').show(bytes)
  return `${Number(amount).toLocaleString('en')} ${unit}`
}

function of(share: number | undefined): string {
  return share === undefined || share === 1 ? '' : text.share(percentTyping.show(share))
}

function hostOf(url: string): string {
  return URL.parse(url)?.host ?? url
}

function shortened(line: string): string {
  return line.length > LONGEST ? `${line.slice(0, LONGEST - 1)}…` : line
}
