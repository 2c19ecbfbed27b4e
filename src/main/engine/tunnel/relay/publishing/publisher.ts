/** An app that is to be shown under a name of the relay's domain. */
export interface AppToPublish {
  /** a host label */
  name: string
  /** of the loopback, where HTTP/1.1 is taken to the app */
  port: number
  /** a field that each request has to bring along, so that nobody else gets in at that port */
  key: { header: string; value: string }
  /** who may see it; null for everybody */
  login: { user: string; passwordHash: string } | null
}

/** What gives apps their addresses: a gateway, with certificates and all. */
export interface Publisher {
  /** @returns the app's URL @throws Fault when it cannot be published */
  publish(app: AppToPublish): Promise<string>
  withdraw(name: string): Promise<void>
}
