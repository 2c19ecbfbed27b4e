import { Plus, RefreshCw } from 'lucide-react'
import type { Fault } from '../../../shared/fault.js'
import type { ShareWay } from '../../../shared/share-schemas.js'
import { FaultNote, Skeleton } from '../../components/states.js'
import { strings } from '../../strings.js'
import { Field } from '../apps/app-field.js'
import { HintText } from './hint-text.js'
import { PasswordFields } from './password-fields.js'
import { LIFETIMES, type ShareDraft } from './share-draft.js'
import { isUsable, viaKey, viaName, viaOf, wayRemark } from './share-ways.js'

const text = strings.share.dialog

/** The fields of the dialog. @param apps to choose from; null where the app is settled */
export function ShareFields(props: ShareFieldsProps) {
  const { draft, apps, problems, change } = props
  const { via } = draft
  return (
    <>
      {apps !== null && (
        <Field label={text.app} problems={[]}>
          {(field) => (
            <select
              {...field}
              className="select"
              data-first
              value={draft.app}
              onChange={(event) => change({ app: event.target.value })}
            >
              {apps.map((name) => (
                <option key={name}>{name}</option>
              ))}
            </select>
          )}
        </Field>
      )}
      <Ways {...props} />
      {via?.kind === 'relay' && (
        <Field
          label={text.name}
          help={text.nameHelp(draft.name === '' ? draft.app : draft.name, viaName(via))}
          problems={problems.name === null ? [] : [problems.name]}
        >
          {(field) => (
            <input
              {...field}
              className="input"
              spellCheck={false}
              placeholder={draft.app}
              value={draft.name}
              onChange={(event) => change({ name: event.target.value.trim() })}
            />
          )}
        </Field>
      )}
      {via !== null && (
        <>
          <Lifetime draft={draft} change={change} />
          <PasswordFields draft={draft} problem={problems.password} onChange={change} />
        </>
      )}
    </>
  )
}

function Lifetime({ draft: { lifetimeMs }, change }: Pick<ShareFieldsProps, 'draft' | 'change'>) {
  return (
    <div className="field">
      <span className="label">{text.ends}</span>
      <fieldset className="segments" aria-label={text.ends}>
        {LIFETIMES.map(([ms, words]) => (
          <button key={words} type="button" aria-pressed={lifetimeMs === ms} onClick={() => change({ lifetimeMs: ms })}>
            {words}
          </button>
        ))}
      </fieldset>
    </div>
  )
}

function Ways({ draft, apps, ways, fault, refresh, addRelay, change }: ShareFieldsProps) {
  const chosen = draft.via === null ? '' : viaKey(draft.via)
  return (
    <fieldset className="field share-ways" aria-label={text.way}>
      <div className="section-tools">
        <span className="label">{text.way}</span>
        <span className="tools push">
          <button type="button" className="button small" onClick={addRelay}>
            <Plus className="icon" />
            {strings.share.ways.addRelay}
          </button>
          <button type="button" className="button small" onClick={() => void refresh()}>
            <RefreshCw className="icon" />
            {strings.share.ways.lookAgain}
          </button>
        </span>
      </div>
      {ways === null && fault === null && <Skeleton />}
      {fault !== null && <FaultNote fault={fault} retry={() => void refresh()} />}
      {ways?.some(isUsable) === false && <p className="note warn">{text.none}</p>}
      <div className="way-choices">
        {ways?.map((way) => {
          const via = viaOf(way)
          const key = viaKey(via)
          return (
            <label key={key} className="share-way">
              <input
                type="radio"
                name="share-way"
                // biome-ignore lint/a11y/noAutofocus: where the dialog begins, once the ways are known
                autoFocus={apps === null && chosen === key}
                disabled={!isUsable(way)}
                checked={chosen === key}
                onChange={() => change({ via })}
              />
              <span className="what">
                <span>{way.kind === 'tool' ? way.title : viaName(via)}</span>
                <span className="remark">
                  <HintText text={wayRemark(way)} />
                </span>
              </span>
            </label>
          )
        })}
      </div>
    </fieldset>
  )
}

interface ShareFieldsProps {
  draft: ShareDraft
  apps: readonly string[] | null
  /** null before they are known */
  ways: readonly ShareWay[] | null
  fault: Fault | null
  problems: { name: string | null; password: string | null }
  /** Looks for ways again. */
  refresh(): Promise<void>
  addRelay(): void
  change(part: Partial<ShareDraft>): void
}
