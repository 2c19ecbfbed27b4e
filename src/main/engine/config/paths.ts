import { homedir } from 'node:os'
import path from 'node:path'
import envPaths from 'env-paths'
import type { App, Backend, CertificateSource, Config, ProcessConfig, Route } from '../../../shared/config.js'
import type { Policies } from '../../../shared/policies-schema.js'

/** Where the config file is unless --config says otherwise: `~/.config/portico/config.json` and its like. */
export function defaultConfigFile(): string {
  return path.join(envPaths('portico', { suffix: '' }).config, 'config.json')
}

/** Where certificates, the control socket and state are unless --data-dir says otherwise: `~/.local/share/portico`. */
export function defaultDataDir(): string {
  return envPaths('portico', { suffix: '' }).data
}

/**
 * A path of the config as an absolute one.
 * @param baseDir the folder of the config file
 * @param written absolute, relative to `baseDir`, or beginning with `~/` for the home directory
 */
export function resolvePath(baseDir: string, written: string): string {
  if (written === '~') return homedir()
  return /^~[/\\]/.test(written) ? path.join(homedir(), written.slice(2)) : path.resolve(baseDir, written)
}

/** The same config with every file and directory in it made absolute. */
export function resolveConfigPaths(config: Config, baseDir: string): Config {
  const at = (written: string) => resolvePath(baseDir, written)
  const { acme, ...tls } = config.tls
  const { logging } = config
  return {
    ...config,
    ...(logging?.access === undefined ? {} : { logging: { ...logging, access: resolveLog(logging.access, at) } }),
    tls: acme === undefined ? tls : { ...tls, acme: resolveAcme(withFile(acme, at), at) },
    apps: config.apps.map((app) => resolveApp(app, at)),
  }
}

type Resolve = (written: string) => string

/** A program without a slash is looked for in PATH, as a shell does. */
function resolveAcme<T extends { dnsHook?: string | string[] | undefined }>(acme: T, at: Resolve): T {
  const { dnsHook } = acme
  if (dnsHook === undefined) return acme
  const [program = '', ...args] = typeof dnsHook === 'string' ? [dnsHook] : dnsHook
  return { ...acme, dnsHook: [/[/\\]/.test(program) ? at(program) : program, ...args] }
}

function resolveLog<T extends { file: string }>(access: T, at: Resolve): T {
  return { ...access, file: logFile(access.file, at) }
}

function logFile(file: string, at: Resolve): string {
  return file === 'stdout' ? file : at(file)
}

function resolveApp(app: App, at: Resolve): App {
  const { accessLog } = app
  return {
    ...app,
    ...(typeof accessLog === 'string' ? { accessLog: logFile(accessLog, at) } : {}),
    ...(app.certificate === undefined ? {} : { certificate: resolveCertificate(app.certificate, at) }),
    ...(app.static === undefined ? {} : { static: { ...app.static, dir: at(app.static.dir) } }),
    ...(app.process === undefined ? {} : { process: resolveProcess(app.process, at) }),
    ...(app.routes === undefined ? {} : { routes: app.routes.map((route) => resolveRoute(route, at)) }),
    ...(app.policies === undefined ? {} : { policies: resolvePolicies(app.policies, at) }),
  }
}

function resolvePolicies(policies: Policies, at: Resolve): Policies {
  const { jwt, oidc, respond } = policies
  return {
    ...policies,
    ...(jwt ? { jwt: jwt.keyFile === undefined ? jwt : { ...jwt, keyFile: at(jwt.keyFile) } } : {}),
    ...(oidc ? { oidc: withFile(oidc, at) } : {}),
    ...(respond ? { respond: respond.file === undefined ? respond : { ...respond, file: at(respond.file) } } : {}),
  }
}

function resolveProcess(process: ProcessConfig, at: Resolve): ProcessConfig {
  const { cwd, envFile, outputFile } = process
  return {
    ...process,
    ...(cwd === undefined ? {} : { cwd: at(cwd) }),
    ...(envFile === undefined ? {} : { envFile: typeof envFile === 'string' ? at(envFile) : envFile.map(at) }),
    ...(outputFile === undefined ? {} : { outputFile: at(outputFile) }),
  }
}

function resolveRoute(route: Route, at: Resolve): Route {
  return {
    ...route,
    ...(route.static === undefined ? {} : { static: { ...route.static, dir: at(route.static.dir) } }),
    ...(route.upstream === undefined
      ? {}
      : { upstream: { ...route.upstream, backends: route.upstream.backends.map((one) => resolveBackend(one, at)) } }),
    ...(route.policies === undefined ? {} : { policies: resolvePolicies(route.policies, at) }),
  }
}

function resolveBackend(backend: Backend, at: Resolve): Backend {
  return withFile(backend, at)
}

function withFile<T extends { caFile?: string | null | undefined }>(holder: T, at: Resolve): T {
  return typeof holder.caFile === 'string' ? { ...holder, caFile: at(holder.caFile) } : holder
}

function resolveCertificate(certificate: CertificateSource, at: Resolve): CertificateSource {
  return typeof certificate === 'string'
    ? certificate
    : { certFile: at(certificate.certFile), keyFile: at(certificate.keyFile) }
}
