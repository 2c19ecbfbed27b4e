import { useEffect, useRef } from 'react'
import type { TrustStoreStatus } from '../../../shared/trust-schemas.js'
import { Mark } from '../../components/mark.js'
import { FaultNote, Skeleton } from '../../components/states.js'
import { useChangeDialog } from '../../stores/change-dialog.js'
import { useTrust } from '../../stores/feeds.js'
import { strings } from '../../strings.js'
import { countTrust, STORE_LOOKS, waysOfAll } from './trust-words.js'

const text = strings.certificates

/** The trust stores of the machine, how each stands to the local CA, and the buttons that change it. */
export function TrustStores() {
  const { data, fault, refresh } = useTrust()
  const wasKnown = useRef(data !== null)
  // Others change stores too, and no event tells of it; what is being looked at for the first time is fresh.
  useEffect(() => {
    if (wasKnown.current) void refresh()
  }, [refresh])
  if (data === null) return fault === null ? <Skeleton /> : <FaultNote fault={fault} retry={() => void refresh()} />
  const { trusted, all } = countTrust(data.stores)
  return (
    <section>
      <div className="section-tools">
        <h2>{data.stores.length === 0 ? text.stores : text.trusted(trusted, all)}</h2>
        <AllStores stores={data.stores} lookAgain={() => void refresh()} />
      </div>
      {data.stores.length === 0 ? (
        <p className="note">
          {text.noStores} {text.noStoresText}
        </p>
      ) : (
        <ul className="store-list" aria-label={text.stores}>
          {data.stores.map((store) => (
            <Store key={store.id} store={store} />
          ))}
        </ul>
      )}
    </section>
  )
}

function AllStores({ stores, lookAgain }: { stores: readonly TrustStoreStatus[]; lookAgain(): void }) {
  const ask = useChangeDialog((state) => state.ask)
  const ways = waysOfAll(stores)
  return (
    <span className="push tools">
      {ways.clean && (
        <button type="button" className="button small" onClick={() => ask({ kind: 'trust', action: 'clean' })}>
          {text.clean}
        </button>
      )}
      {ways.remove && (
        <button type="button" className="button small" onClick={() => ask({ kind: 'trust', action: 'uninstall' })}>
          {text.remove}
        </button>
      )}
      {ways.replace && (
        <button
          type="button"
          className="button small primary"
          onClick={() => ask({ kind: 'trust', action: 'replace' })}
        >
          {text.replace}
        </button>
      )}
      {ways.install && (
        <button
          type="button"
          className={ways.replace ? 'button small' : 'button small primary'}
          onClick={() => ask({ kind: 'trust', action: 'install' })}
        >
          {text.install}
        </button>
      )}
      <button type="button" className="button small" onClick={lookAgain}>
        {text.lookAgain}
      </button>
    </span>
  )
}

function Store({ store }: { store: TrustStoreStatus }) {
  const { id, title, state, detail, optional } = store
  const ask = useChangeDialog((dialog) => dialog.ask)
  const [shape, tone] = STORE_LOOKS[state]
  const remark = detail === '' && optional && state === 'untrusted' ? text.onlyByName : detail
  const action = actionFor(store)
  const labels = { install: text.installIn, replace: text.replaceIn, uninstall: text.removeFrom }
  const words = { install: text.install, replace: text.replace, uninstall: text.remove }
  return (
    <li>
      <span className="what">
        <span>{title}</span>
        {remark !== '' && <span className="soft reason">{remark}</span>}
      </span>
      <Mark shape={shape} tone={tone}>
        {text.storeStates[state]}
      </Mark>
      {action !== null && (
        <button
          type="button"
          className="button small"
          aria-label={labels[action](title)}
          onClick={() => ask({ kind: 'trust', action, stores: [id] })}
        >
          {words[action]}
        </button>
      )}
    </li>
  )
}

/** What its own button does: a store that has the former CA gets the new one in its place. */
function actionFor({ state, former }: TrustStoreStatus): 'install' | 'replace' | 'uninstall' | null {
  if (state === 'absent' || state === 'unknown') return null
  if (former === true) return 'replace'
  return state === 'trusted' ? 'uninstall' : 'install'
}
