export { type CaptchaParts, type CaptchaSettings, createCaptcha, widgetHosts } from './captcha.ts'
export { type CaptchaRouteParts, captchaRoutes } from './routes.ts'
export { SpentChallenges } from './spent-challenges.ts'
export { captchaMigrations, type SpentChallengeRow } from './table.ts'
