/** Words that programmers name fields with: what is made of them tells nothing that a sender made up. */
export const fieldWords: ReadonlySet<string> = new Set(
  `a access account accept action active activity add address admin after age agent album all allow alt amount
  and answer api app article asset at attachment attribute audit author authorization auth avatar b back balance
  banner base before begin bio birth birthday bill billing block board body book border bot box brand browser
  button by c cache calendar call callback camera caption card cart case category center challenge change channel
  chat check child children city class client close cms code color colour column comment company condition
  config confirm contact content context control cookie copy count country county coupon cover create created
  credit currency current custom customer data date day debug default delete deleted delivery demo department
  depth description destination detail details device dimension direction disabled discount display do
  document domain done down download draft due duration e edit editor email employee enabled encoding end entry
  environment error event example exclude expand expires export extra fax feature feed feedback field fields
  file filename files filter first flag folder follow footer for form format forwarded free from full function
  gender gift given global goal grant group groups guest h handle has hash head header heading height hidden
  hide highlight history home host hour html i icon id identifier ids image images img import in include index
  info input interval invoice ip is issue item items job join json key keys keyword keywords kind label lang
  language last lat latitude layout length level limit line lines link links list lng load locale location log
  logo lon long longitude mail main manager map mark market max me media member members memo menu merge message
  meta method middle min mobile mode model modified module month more move multi n name names nation new news
  next nick nonce note notes notice number object of off offer offset old on only open operator option options
  or order orders organisation organization origin original other out output owner p page pages parent part
  partner pass password path pattern payload payment people per period permission person phone photo picture
  place plan platform policy port position post postal preview previous price primary print priority privacy
  private product products profile project promo property proto provider public publish published purchase q
  quantity query question r range rank rate rating read reason receiver recipient record redirect ref reference
  referer referrer region relation release remark reply report request requested requests require resource
  response result results return review role roles room root route row rows rule rules s sale salt sample scale
  schedule schema scope score search second secret section select sender sequence serial service session set
  setting settings share ship shipping shop short show sign signature site size sku slug social sort source
  start state status step stock stop store street string style subject submit suffix summary support surname
  t tab table tag tags target task tax team tel telephone template term terms test text theme thread thumbnail
  ticket time timeout timestamp timezone title to token tool top topic total track transaction translation type
  types unit units until up update updated upload uri url usage use user username users v valid value values
  variable variant vat vendor verified version via video view visible visit w web website week weight what when
  where width window with word words x xml y year z zip zone`
    .trim()
    .split(/\s+/),
)
