import { Modal } from '../../components/modal.js'
import { type ChangeWish, useChangeDialog } from '../../stores/change-dialog.js'
import { strings } from '../../strings.js'
import { Rotation } from '../certificates/rotation.js'
import { ChangeTrust } from '../certificates/trust-change.js'
import { ChangeSystem } from '../settings/system-change.js'

/** What was asked of the machine: the plan before anything is done, and what came of it after. */
export function ChangeDialog() {
  const { wish, close } = useChangeDialog()
  if (wish === null) return null
  return (
    <Modal label={titleOf(wish)} className="trust-dialog" onClose={close}>
      <header>
        <h2>{titleOf(wish)}</h2>
      </header>
      <Change wish={wish} />
    </Modal>
  )
}

function Change({ wish }: { wish: ChangeWish }) {
  switch (wish.kind) {
    case 'trust':
      return <ChangeTrust key={wish.action} action={wish.action} stores={wish.stores} />
    case 'rotate':
      return <Rotation addDomains={wish.addDomains ?? []} />
    case 'system':
      return <ChangeSystem wish={wish} />
  }
}

function titleOf(wish: ChangeWish): string {
  if (wish.kind === 'system') return strings.system.titles[wish.group][wish.action]
  return strings.certificates.titles[wish.kind === 'rotate' ? 'rotate' : wish.action]
}
