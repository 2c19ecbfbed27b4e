/**
 * How servers for development are told their port. `{port}` and `{url}` are filled in, 127.0.0.1 keeps them off
 * the network. Those that take PORT from the environment and nothing else need no entry.
 */
export interface DevServer {
  name: string
  /** programs, scripts, Python modules or npm packages that are it, without folder, version and ending */
  programs: readonly string[]
  /** it serves only with one of these among its first words */
  serves?: readonly string[]
  /** with one of these among its first words it does something else */
  except?: readonly string[]
  /** it serves only with one of these options */
  needs?: readonly string[]
  /** words to add, and the options or forms of words by which somebody has said it already. The first is the port's */
  add: readonly (readonly [words: string, ...unless: (string | RegExp)[]])[]
  /** as `add`, for hosts outside `.localhost`, which it would refuse: a word with `{host}` for each */
  hosts?: readonly [word: string, ...unless: string[]]
  /** the setting that such hosts must be named in, where neither a flag nor the environment can do it */
  hostsSetting?: string
  env?: Readonly<Record<string, string>>
}

/** Words that many servers have in common. */
export const HOST = ['--host 127.0.0.1', '--host'] as const
export const PORT = ['--port {port}', '--port', '-p'] as const
export const LONG_PORT = ['--port {port}', '--port'] as const
export const STRICT = ['--strictPort', '--strictPort'] as const
export const NO_OPEN = ['--no-open', '--open', '--no-open'] as const
/** `8000` or `0.0.0.0:8000` as a word of its own */
export const ADDRESS = /^(?:\S+:)?\d+$/
