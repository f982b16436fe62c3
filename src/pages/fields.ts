import type { Field } from './form.ts'
import { fill, type PageTexts } from './texts.ts'

/** An address; `value` is what was typed before. */
export function emailField(texts: PageTexts, value: string): Field {
  const { email } = texts.fields
  return { name: 'email', label: email, type: 'email', autocomplete: 'email', value }
}

/** A password that is being chosen, with what the policy asks. `anew`: it replaces another one. */
export function newPasswordField(
  { fields, hints }: PageTexts,
  field: { readonly minLength: number; readonly anew?: boolean },
): Field {
  return {
    name: 'password',
    label: field.anew ? fields.newPassword : fields.password,
    type: 'password',
    autocomplete: 'new-password',
    hint: fill(hints.newPassword, { length: String(field.minLength) }),
  }
}

/** The proof that it is her, for what a session alone may not do. */
export function currentPasswordField({ fields, hints }: PageTexts): Field {
  return {
    name: 'currentPassword',
    label: fields.currentPassword,
    type: 'password',
    autocomplete: 'current-password',
    hint: hints.currentPassword,
  }
}
