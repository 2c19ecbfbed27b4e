import { useEffect, useMemo, useRef, useState } from 'react'
import type { Problem } from '../../../shared/contract.js'
import type { PolicyKey } from '../../../shared/policies-schema.js'
import { useStatus } from '../../stores/feeds.js'
import { strings } from '../../strings.js'
import { arrangedFields } from './form-looks.js'
import { policyForm } from './form-spec.js'
import { FormToolsContext } from './form-tools.js'
import { hide } from './hidden-values.js'
import { atFields, type PolicyDraft } from './policy-draft.js'
import { SpecFields } from './spec-field.js'

/** The form of a policy, made from its schema. A problem is told when its field has been changed and left, or all have been tried. */
export function PolicyFields({ policy, draft, problems, tried, onChange }: PolicyFieldsProps) {
  const { value, vault } = draft
  const form = useRef<HTMLFieldSetElement>(null)
  const changed = useRef(new Set<string>())
  const [left, setLeft] = useState<ReadonlySet<string>>(new Set())
  const { first, more } = useMemo(() => arrangedFields(policy, policyForm(policy)), [policy])
  const [open, setOpen] = useState(() => more.some(({ key }) => isSet(value, key)))
  // The dialog has given the focus to its first button by then.
  useEffect(() => form.current?.querySelector<HTMLElement>('input, select, textarea')?.focus(), [])
  const apps = (useStatus().data?.apps ?? []).map(({ name }) => name)
  const placed = atFields(
    problems,
    [...first, ...more].map(({ key }) => key),
  )
  const told = tried
    ? placed
    : placed.filter(({ path }) => [...left].some((place) => place !== '' && path.startsWith(place)))
  const outside = told.filter(({ path }) => path === '')
  const inMore = told.some(({ path }) => more.some(({ key }) => path.startsWith(key)))
  let latest = vault
  const tools = {
    problems: told,
    vault,
    apps,
    hide: (text: string, isPassword: boolean, former: unknown) => {
      const { vault: next, name } = hide(latest, text, isPassword, former)
      latest = next
      return name
    },
  }
  const fields = { at: [], value, onChange: (next: unknown) => onChange({ value: next, vault: latest }) }
  const change = ({ target }: React.SyntheticEvent) => changed.current.add(placeOf(target))
  const leave = ({ target }: React.FocusEvent) => {
    if (changed.current.has(placeOf(target))) setLeft(new Set(left).add(placeOf(target)))
  }
  return (
    <FormToolsContext value={tools}>
      <fieldset
        ref={form}
        className="policy-fields"
        aria-label={strings.policies.names[policy]}
        onChange={change}
        onBlur={leave}
      >
        {outside.map(({ message }) => (
          <p key={message} className="problem" role="alert">
            {message}
          </p>
        ))}
        <SpecFields fields={first} {...fields} />
        {more.length > 0 && (
          <details className="more" open={open || inMore} onToggle={({ currentTarget }) => setOpen(currentTarget.open)}>
            <summary>{strings.policies.more}</summary>
            <div className="content">
              <SpecFields fields={more} {...fields} />
            </div>
          </details>
        )}
      </fieldset>
    </FormToolsContext>
  )
}

interface PolicyFieldsProps {
  policy: PolicyKey
  draft: PolicyDraft
  problems: readonly Problem[]
  /** whether somebody has tried to save it */
  tried: boolean
  onChange(change: Pick<PolicyDraft, 'value' | 'vault'>): void
}

/** The path of the value that a control is for. */
function placeOf(control: EventTarget): string {
  return (control as Element).closest<HTMLElement>('[data-path]')?.dataset.path ?? ''
}

function isSet(value: unknown, key: string): boolean {
  return typeof value === 'object' && value !== null && key in value
}
