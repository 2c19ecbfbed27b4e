import { useEffect, useState } from 'react'
import type { CommandResult } from '../../../shared/contract.js'
import { call } from '../../bridge.js'
import { useAuthority } from '../../stores/feeds.js'
import { attempt, useToasts } from '../../stores/toasts.js'
import { strings } from '../../strings.js'

const text = strings.certificates.key

/** Where the CA's key is kept, who can open it, and the way from a file into the keychain and back. */
export function CaKey({ authority }: { authority: CommandResult<'ca.info'> }) {
  const { keyStorage, keyOpenedBy, keyProblem, vault } = authority
  const { refresh } = useAuthority()
  // A keychain may have been unlocked since somebody looked last.
  useEffect(() => void refresh(), [refresh])
  return (
    <div>
      <span>{keyStorage === 'file' ? text.inFile : text.inKeychain(vault?.name ?? null)}</span>{' '}
      {vault?.available === true && <MoveKey sealed={keyStorage === 'keychain'} vault={vault.name} />}
      <p className="soft">
        {text.openedBy(keyOpenedBy)} {keyStorage === 'keychain' && text.elsewhere}
      </p>
      {keyStorage === 'file' && vault?.available === false && (
        <p className="soft">{text.unavailable(vault.name, vault.reason ?? '')}</p>
      )}
      {keyProblem !== null && (
        <p className="note warn" role="alert">
          {keyProblem}
        </p>
      )}
    </div>
  )
}

function MoveKey({ sealed, vault }: { sealed: boolean; vault: string }) {
  const { refresh } = useAuthority()
  const [moving, setMoving] = useState(false)
  const move = async () => {
    setMoving(true)
    await attempt(async () => {
      await call('ca.seal', { sealed: !sealed })
      useToasts.getState().show({ message: sealed ? text.unsealed : text.sealed(vault), tone: 'plain' })
    })
    await attempt(refresh)
    setMoving(false)
  }
  return (
    <button type="button" className="button small" disabled={moving} onClick={() => void move()}>
      {sealed ? text.unseal : text.seal}
    </button>
  )
}
