/** An app that is to be shown under a name of the relay's domain. */
export interface AppToPublish {
  /** a host label */
  name: string
  /** of the loopback, where HTTP/1.1 is taken to the app from connections of this process */
  port: number
  /** who may see it; null for everybody */
  login: { user: string; passwordHash: string } | null
}

/** A request for a published app that has ended, however it was answered. */
export interface Visit {
  name: string
  /** address of the visitor */
  from: string
  /** whether it got no further than the gateway, for want of the password or for a policy */
  refused: boolean
  /** of its body, from the visitor */
  bytesIn: number
  /** of its answer, to the visitor */
  bytesOut: number
}

/** What gives apps their addresses: a gateway, with certificates and all. */
export interface Publisher {
  /** @returns the app's URL @throws Fault when it cannot be published */
  publish(app: AppToPublish): Promise<string>
  withdraw(name: string): Promise<void>
  /** Tells of each request from now on. */
  onVisit(listener: (visit: Visit) => void): void
}
