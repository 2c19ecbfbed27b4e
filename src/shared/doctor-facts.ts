/** What the doctor is told of the machine: gathered by the platform, judged by the engine. */

export const CLIENTS = ['curl', 'openssl', 'node', 'python', 'java', 'chromium'] as const
export type ClientId = (typeof CLIENTS)[number]

/** What a client is to ask for. */
export interface ClientTarget {
  /** normalised */
  host: string
  /** where the gateway listens, an IP literal: how the name resolves is another question */
  address: string
  port: number
  /** the local CA's certificate; null for the client as it is */
  caFile: string | null
}

/** What came of a client's request. */
export type ClientResult =
  /** there is no such program here */
  | { state: 'missing' }
  | { state: 'answered' }
  | { state: 'refused' /** what the client said, on one line */; said: string }
  | { state: 'late' /** milliseconds that it was given */; afterMs: number }

/** How a name resolves for programs of this machine. */
export interface LookupFacts {
  addresses: string[]
  /** such as ENOTFOUND; null when there are addresses */
  error: string | null
}

/** A line of a hosts file that names hosts. */
export interface HostsLine {
  /** from 1 */
  number: number
  address: string
  names: string[]
  /** whether it is in Portico's block */
  own: boolean
}

export interface HostsFacts {
  file: string
  lines: HostsLine[]
}

/** Of resolv.conf(5). */
export interface SearchFacts {
  search: string[]
  ndots: number
}

/** Whether this user could listen on a port now. */
export type PortState = 'free' | 'taken' | 'forbidden' | 'unknown'

/** A file or folder that nobody else may read. */
export interface FileFacts {
  path: string
  folder: boolean
  /** permission bits */
  mode: number
  /** whether it belongs to this user */
  own: boolean
}

export interface Surroundings {
  /** this process is in one */
  container: boolean
  wsl: boolean
  /** Docker or Podman is installed */
  containerTool: string | null
  /** what `host.docker.internal` resolves to; null when it does not */
  dockerHost: string | null
  /** this machine's own address on the containers' bridge; null where there is none */
  bridge: string | null
}

/** A tunnel of a VPN, or a link like it, that is up. */
export interface TunnelFacts {
  /** of its interface, or of the connection */
  name: string
  /** whatever has no nearer route goes by it */
  defaultRoute: boolean
  /** it brings name servers of its own */
  dns: boolean
}

export interface OtherEngine {
  pid: number
  command: string
  ports: number[]
}

/** Looks at the machine. Each is bounded in time and never rejects. */
export interface DoctorProbes {
  client(id: ClientId, target: ClientTarget): Promise<ClientResult>
  lookup(host: string): Promise<LookupFacts>
  /** null when it cannot be read */
  hostsFile(): Promise<HostsFacts | null>
  /** null where there is none */
  searchDomains(): Promise<SearchFacts | null>
  portState(address: string, port: number): Promise<PortState>
  /** what is private in a data directory; none where modes mean nothing */
  privateFiles(dataDir: string): Promise<FileFacts[]>
  /** the kind of network file system that a folder is on; null when it is on none that is known */
  networkFileSystem(folder: string): Promise<string | null>
  /** environment variables of this process that concern proxies, by their names */
  proxyVariables(): Record<string, string>
  surroundings(): Promise<Surroundings>
  /** those that have a say over routes or names */
  tunnels(): Promise<TunnelFacts[]>
  /** @param own pids that are not meant */
  otherEngines(own: readonly number[]): Promise<OtherEngine[]>
}
