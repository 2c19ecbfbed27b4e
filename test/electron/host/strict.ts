/** The same object, which throws when something is asked of it that it does not have. */
export function strict<T extends object>(name: string, members: T): T {
  return new Proxy(members, {
    get: (target, key) => {
      if (key in target || typeof key === 'symbol' || key === 'then') return Reflect.get(target, key, target)
      throw new Error(`${name}.${key} is not implemented by the double of Electron`)
    },
  })
}

/** An event as Electron hands it to listeners that may object. */
export class CancellableEvent {
  defaultPrevented = false
  preventDefault(): void {
    this.defaultPrevented = true
  }
}
