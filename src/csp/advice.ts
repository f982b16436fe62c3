/** The name of a piece of advice. */
export type CspAdviceCode =
  | 'inline_script'
  | 'script_by_nonce'
  | 'script_from_data'
  | 'eval'
  | 'wasm'
  | 'inline_style'
  | 'style_attribute'
  | 'plugin'
  | 'base'
  | 'framed'
  | 'trusted_types'
  | 'insecure'
  | 'data'
  | 'unclear'

/** What a page has to change, because no policy that is worth having allows what it does. */
export const cspAdvice: Readonly<Record<CspAdviceCode, string>> = Object.freeze({
  inline_script:
    "Give the script tag the nonce of the response, or move the script to a file; replace attributes such as onclick by addEventListener. 'unsafe-inline' would let every injected script run.",
  script_by_nonce:
    "Give the script tag the nonce of the response. With 'strict-dynamic' browsers look at no address; what a script with the nonce loads itself may run.",
  script_from_data:
    'Serve the script as a file: an injected tag could hold any script in a data: or blob: address.',
  eval: "Replace eval(), new Function() and texts given to setTimeout(); many libraries have a build without. 'unsafe-eval' would run whatever text reaches them.",
  wasm: "If the module is yours, name 'wasm-unsafe-eval' in script-src yourself: it allows WebAssembly and no script.",
  inline_style: 'Give the style element the nonce of the response, or move it to a file.',
  style_attribute:
    "Replace style attributes in the HTML by classes; what a script sets on element.style is not blocked. Where that cannot be done, 'unsafe-inline' for style-src-attr alone is the least evil.",
  plugin:
    'Replace <object> and <embed>: plug-ins and what they show escape the policy of the page.',
  base: 'Remove the <base> element, or look for who injected it: it moves every relative address of the page.',
  framed:
    'Another site shows your pages in a frame. If that is meant, name its origin in frame-ancestors and set frameOptions: false.',
  trusted_types:
    'A script wrote text into the page as HTML or code. Write it with textContent, or through a Trusted Types policy; see the guide on the Content-Security-Policy. require-trusted-types-for: false gives the protection up.',
  insecure: 'Load it over HTTPS: on the way anybody could change it.',
  data: 'Serve it from an address: data: and blob: hold whatever somebody put there.',
  unclear: 'The reports do not say what it was. Look at the page with the console open.',
})
