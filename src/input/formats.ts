/** Whether a text is one e-mail address: a local part without quotes or blanks, and a domain with a dot. */
export function isEmail(text: string): boolean {
  const at = text.lastIndexOf('@')
  const local = text.slice(0, at)
  if (at < 1 || local.length > 64 || text.length > 254) return false
  if (!/^[^\s@"(),:;<>[\]\\\p{Cc}]+$/u.test(local) || /^\.|\.$|\.\./.test(local)) return false
  return isDomain(text.slice(at + 1))
}

function isDomain(text: string): boolean {
  const labels = text.split('.')
  const isLabel = (label: string) =>
    label.length <= 63 && /^[\p{L}\p{N}][\p{L}\p{M}\p{N}-]*$/u.test(label) && !label.endsWith('-')
  return labels.length > 1 && labels.every(isLabel) && !/^\d+$/.test(labels.at(-1) ?? '')
}

/** Whether a text is a whole http(s) address without a user in it. */
export function isUrl(text: string): boolean {
  if (!/^https?:\/\/[^\s\\]+$/i.test(text) || !URL.canParse(text)) return false
  const { hostname, password, username } = new URL(text)
  return hostname !== '' && username === '' && password === ''
}

/** Whether a text is a UUID (RFC 9562) in its usual spelling, of any version. */
export function isUuid(text: string): boolean {
  return /^[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}$/i.test(text)
}

const day = /^(\d{4})-(\d{2})-(\d{2})/
const instant = /^T(\d{2}):(\d{2}):(\d{2})(?:\.\d{1,9})?(?:Z|[+-](\d{2}):(\d{2}))$/

/**
 * Epoch milliseconds of a day of the calendar or an instant (RFC 3339); undefined for anything else,
 * the 30th of February included.
 */
export function timeOf(text: string): number | undefined {
  const [date, year, month, date2] = day.exec(text) ?? []
  if (date === undefined || !isDay(Number(year), Number(month), Number(date2))) return undefined
  const rest = text.slice(date.length)
  if (rest === '') return Date.parse(text)
  const [whole, hour, minute, second, offsetHour = '0', offsetMinute = '0'] =
    instant.exec(rest) ?? []
  if (whole === undefined || Number(hour) > 23 || Number(minute) > 59 || Number(second) > 59) {
    return undefined
  }
  if (Number(offsetHour) > 23 || Number(offsetMinute) > 59) return undefined
  return Date.parse(text)
}

function isDay(year: number, month: number, date: number): boolean {
  if (month < 1 || month > 12 || date < 1) return false
  const leap = year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0)
  const days = [31, leap ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]
  return date <= (days[month - 1] ?? 0)
}
