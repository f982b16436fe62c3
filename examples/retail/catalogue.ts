/** An article of the invented companies, for the generator. */
export interface CatalogueItem {
  readonly sku: string
  readonly name: string
  readonly category: string
  readonly priceCents: number
  readonly costCents: number
  /** Pieces a day in a shop of size 1. */
  readonly dailyDemand: number
  /** True when Christmas matters. */
  readonly seasonal: boolean
  /** A discontinued article is never ordered again and runs out. */
  readonly discontinued?: true
}

type Line = readonly [
  name: string,
  price: number,
  cost: number,
  demand: number,
  note?: 'season' | 'last',
]

/** Names with everything that a careless reader of CSV breaks on. */
const LINES: Readonly<Record<string, readonly Line[]>> = {
  Kitchen: [
    ['Kettle "Mornington", 1.7 l', 49.9, 22.4, 0.7],
    ['Müsli bowl, set of 4', 24.5, 9.8, 1.1, 'season'],
    ["Baker's apron", 29.0, 12.1, 0.6, 'season'],
    ['Crème-brûlée dishes (6)', 21.9, 8.35, 0.5, 'season'],
    ['Chopping board, oak, 40 × 25 cm', 34.0, 15.2, 0.6],
    ['Espresso cup "Piccolo"', 7.5, 2.6, 2.2, 'season'],
    ['Brotkasten "Großmutter"', 39.0, 17.9, 0.35],
    ['Cast-iron pan, 28 cm', 59.0, 27.5, 0.4],
    ['Tea towel, linen, 2 pcs', 16.9, 6.4, 1.6],
    ["Chef's knife 20 cm", 79.0, 38.0, 0.3, 'season'],
    ['Salt & pepper mill, pair', 44.9, 19.9, 0.4, 'season'],
    ['Preserving jar 0,5 l', 3.9, 1.45, 3.0],
  ],
  Lighting: [
    ['Table lamp "Ærø"', 89.0, 41.0, 0.35, 'season'],
    ['Pendant Ø 35 cm, smoked glass', 129.0, 61.5, 0.2],
    ['Clip-on lamp, red', 24.9, 10.2, 0.5],
    ['Candle holder, brass, 3-arm', 45.0, 19.0, 0.5, 'season'],
    ['Pillar candle 15 cm', 8.9, 3.1, 2.4, 'season'],
    ['Fairy lights, 10 m, warm white', 19.9, 7.2, 1.2, 'season'],
    ['Floor lamp <Slim>', 149.0, 72.0, 0.15],
    ['LED bulb E27, 8 W', 5.9, 2.05, 2.6],
    ["Reader's lamp, adjustable", 64.0, 29.0, 0.3],
    ['Stehlampe "Lüttje Lüch"', 119.0, 56.0, 0.15, 'last'],
  ],
  Textiles: [
    ['Blanket, lambswool, 130 × 180', 99.0, 47.0, 0.35, 'season'],
    ['Cushion cover, velvet, 50 × 50', 22.9, 8.9, 1.2],
    ['Bath towel "Sylt"', 27.5, 11.0, 1.1],
    ['Rug, jute, 140 × 200', 139.0, 66.0, 0.18],
    ['Bedding, percale, 135 × 200', 74.9, 34.0, 0.4],
    ['Curtain, linen, natural; pair', 109.0, 52.5, 0.2],
    ['Doormat "Moin, moin!"', 25.0, 9.9, 0.6],
    ["Child's blanket, dotted", 36.0, 15.5, 0.4, 'season'],
    ['Hängematte für zwei', 69.0, 31.0, 0.25],
    ['Tablecloth 140 × 250, 100% cotton', 48.0, 20.5, 0.4, 'season'],
  ],
  Furniture: [
    ['Stool, beech', 59.0, 28.0, 0.3],
    ['Bücherregal 80 × 180', 249.0, 129.0, 0.1],
    ['Side table "Café"', 119.0, 57.5, 0.16],
    ['Coat rack, 5 hooks', 42.0, 18.2, 0.35],
    ['Rocking chair "Grand-père"', 289.0, 151.0, 0.07],
    ['Shoe cabinet, 3 flaps', 139.0, 69.9, 0.12],
    ["Artist's trestle, pair", 74.0, 35.0, 0.15],
    ['Folding chair, ash', 54.9, 25.6, 0.35],
    ['Mirror, round, 60 cm', 89.0, 40.5, 0.25],
    ['Wall shelf --narrow--', 32.0, 13.4, 0.5],
  ],
  Garden: [
    ['Plant pot, terracotta, 20 cm', 12.9, 4.7, 1.5],
    ['Watering can, 5 l, zinc', 34.9, 15.1, 0.45],
    ["Gardener's gloves, size 8", 14.5, 5.6, 0.8],
    ['Bird house "Meise"', 27.9, 11.9, 0.5],
    ['Seeds: wild flowers, 20 g', 4.5, 1.3, 2.0],
    ['Outdoor lantern, black', 49.0, 22.0, 0.4, 'season'],
    ['Bench, acacia, 150 cm', 219.0, 112.0, 0.08],
    ['Twine, jute, 100 m', 6.9, 2.3, 1.2],
    ['Pruning shears N° 8', 39.5, 17.8, 0.35],
  ],
  Gifts: [
    ['Notebook A5, "Ideas & other accidents"', 14.9, 5.2, 1.6, 'season'],
    ['Postcard set, 12 views of Köln', 9.9, 2.9, 0.9],
    ['Puzzle, 1,000 pieces', 24.9, 10.4, 0.8, 'season'],
    ['Soap, lavender; 100 g', 6.5, 2.1, 2.2, 'season'],
    ["Fisherman's hat", 19.9, 7.7, 0.6],
    ['Wrapping paper, 3 rolls', 7.9, 2.4, 1.8, 'season'],
    ['Calendar 2026 "O\'Brien\'s Ireland"', 16.9, 6.3, 0.5, 'last'],
    ['Tin for biscuits, round, Ø 19', 15.9, 5.9, 0.9, 'season'],
    ['Gift box; empty; matte black', 5.9, 1.9, 1.5, 'season'],
  ],
}

/** The 60 articles, numbered in their order. */
export function catalogue(): readonly CatalogueItem[] {
  return Object.entries(LINES).flatMap(([category, lines], group) =>
    lines.map((line, at) => itemOf(line, category, `SKU-${(group + 1) * 1000 + at + 1}`)),
  )
}

function itemOf([name, price, cost, demand, note]: Line, category: string, sku: string) {
  return {
    sku,
    name,
    category,
    priceCents: Math.round(price * 100),
    costCents: Math.round(cost * 100),
    dailyDemand: demand,
    seasonal: note === 'season',
    ...(note === 'last' ? { discontinued: true as const } : {}),
  }
}
