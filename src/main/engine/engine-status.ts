import type { App, Config } from '../../shared/config.js'
import type { AppStatus, Status } from '../../shared/contract.js'
import { appStatus } from './app-status.js'
import { unsupportedFeatures } from './config/unsupported.js'
import type { EngineOptions } from './engine-options.js'
import type { EngineParts } from './engine-parts.js'
import { AVAILABLE_POLICIES } from './gateway/policies/make-policy.js'
import type { Listening } from './listening.js'
import { listenPlan } from './open-listeners.js'

/** What the engine says of itself and of its apps. */
export class EngineStatus {
  readonly #options: EngineOptions
  readonly #parts: EngineParts
  readonly #listening: Listening
  readonly #startedAt = Date.now()

  constructor(options: EngineOptions, parts: EngineParts, listening: Listening) {
    this.#options = options
    this.#parts = parts
    this.#listening = listening
  }

  read(state: Status['state']): Status {
    const { store, gateway, certificates } = this.#parts
    return {
      state,
      version: this.#options.version,
      pid: process.pid,
      uptimeMs: Date.now() - this.#startedAt,
      dataDir: this.#options.dataDir,
      configFile: store.file,
      listeners: gateway.listeners.open,
      apps: store.current.apps.map((app) => this.ofApp(app)),
      configError: store.error,
      warnings: this.#warnings(store.current),
      caFile: certificates.authority.certFile,
    }
  }

  ofApp(app: App): AppStatus {
    const { temporary, lan } = this.#parts
    return appStatus(app, this.#listening.httpsPort, temporary.ownerOf(app.name), lan.placeOf(app.name))
  }

  /** The config, with what the command line says over it. */
  servedConfig(): Config {
    const config = this.#parts.store.current
    const { bind, https, http } = listenPlan(config.listen, this.#options.overrides)
    return { ...config, listen: { ...config.listen, bind, https: https.port, http: http.port } }
  }

  #warnings(config: Config): Status['warnings'] {
    const { dns, lan, observe, certificates } = this.#parts
    return [
      ...this.#listening.warnings,
      ...dns.warnings,
      ...lan.warnings,
      ...unsupportedFeatures(config, AVAILABLE_POLICIES),
      ...observe.problems(),
      ...certificates.authorityProblems().map((message) => ({ path: '', message })),
      ...certificates.problems().map(({ host, message }) => ({ path: '', message: `${host}: ${message}` })),
    ]
  }
}
