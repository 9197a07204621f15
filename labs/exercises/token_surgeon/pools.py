"""The strings that token-surgeon draws from, by family. Written for Cairn."""


def listed(text: str) -> tuple[str, ...]:
    return tuple(text.split())


# One noun at the start of a string and after a space is two different strings to a vocabulary.
NOUNS = listed(
    "strawberry pepper lantern harbour compass whistle blanket orchard cushion feather glacier "
    "hammock juniper kettle meadow nutmeg otter paddock quarry rhubarb saddle thistle umbrella "
    "velvet walnut zeppelin cinnamon dolphin elevator flamingo"
)
WORDS = tuple(form for noun in NOUNS for form in (noun, f" {noun}"))
CAPITALISED = listed(
    "Abracadabra Bartholomew Caterpillar Dandelion Electromagnet Forgetfulness Grasshopper "
    "Honeysuckle Interchangeable Jellyfish Kilimanjaro Lighthouse Marmalade Nightingale "
    "Octopus Peppermint Quicksilver Rattlesnake Snowflake Thunderstorm Unpredictable "
    "Velociraptor Watermelon Xylophone Yesterday Zookeeper Bottleneck Counterexample"
)
DIGITS = listed(
    "407 3141 86420 271828 1234567 90210318 552 7003 46368 832040 2178309 24157817 919 6174 "
    "39916 479001 8675309 62831853 128 4096 65536 299792 1618033 14142135 733 5040 31337 "
    "142857 9876543 20260131"
)
DATES = listed(
    "2026-11-23 1999-12-31 2024-02-29 1969-07-20 2031-05-08 1984-10-04 2012-06-17 2007-03-29 "
    "1912-04-15 2038-01-19 1876-08-13 2020-09-30 1955-11-05 2045-07-01 1789-07-14 2063-04-05 "
    "1903-12-17 2000-01-01 1990-10-03 2029-08-26 1859-11-24 2016-02-05 1977-05-25 2050-12-08"
)
NAMES = listed(
    "get_user_by_email parseHttpHeader MAX_RETRY_COUNT https://example.org/docs/index.html "
    "node_modules/.bin/tsc is_valid_checksum createElementFromTemplate docker-compose.override "
    "https://cairn.example/labs/run user.billing_address.postcode onBeforeUnmount "
    "test_empty_queue_returns_none git@example.com:team/site.git readme_draft_final.md "
    "XMLHttpRequestFactory calculateShippingCost /usr/share/locale/eu ftp://mirror.example.net "
    "snake_case_and_camelCase kubernetes.io/hostname toLocaleDateString lock_timeout_seconds "
    "https://www.example.com/search?q=owl anna.kovacs@example.org"
)
CODE = (
    "    return total / count",
    "    if not rows:\n        return None",
    "        self.queue.append(item)",
    "    for name, price in basket:",
    "  const total = prices.reduce(add);",
    "\tfmt.Println(user.Name)",
    "    while left <= right:",
    "        raise ValueError(message)",
    '  <li class="done">Milk</li>',
    "    with open(path) as lines:",
    "      border: thin solid grey;",
    "    SELECT name FROM people",
    "    try:\n        connect()",
    "  let mut seen = HashSet::new();",
    "        yield from walk(child)",
    "    assert result.ok, result",
    "\tif err != nil {\n\t\treturn err",
    "    print(f'{name}: {score}')",
    "  return items.filter(Boolean);",
    "    @property\n    def area(self):",
    "        continue  # already sold",
    "    lambda pair: pair.weight",
    "  export default function App() {",
    "    grid[row][column] = None",
)
HINDI = (
    "आज सुबह बाज़ार में ताज़ी सब्ज़ियाँ और फल बहुत सस्ते मिले।",
    "मेरी दादी हर शाम बच्चों को पुरानी कहानियाँ सुनाती हैं।",
    "नदी के किनारे बैठकर हमने सूरज को डूबते हुए देखा।",
    "रेलगाड़ी दो घंटे की देरी से स्टेशन पर पहुँची थी।",
    "उसने अपनी किताबें मेज़ पर रखीं और खिड़की खोल दी।",
    "गाँव के स्कूल में इस साल नया पुस्तकालय बनाया गया है।",
    "बारिश के बाद बगीचे में मिट्टी की सुगंध फैल गई।",
    "कल रात आसमान में तारे बहुत साफ़ दिखाई दे रहे थे।",
    "माँ ने खाने में चावल, दाल और आलू की सब्ज़ी बनाई।",
    "डॉक्टर ने कहा कि रोज़ आधा घंटा पैदल चलना चाहिए।",
    "हमारे मोहल्ले में हर रविवार को सफ़ाई अभियान चलता है।",
    "पहाड़ों पर बर्फ़ गिरने से सड़कें बंद हो गई हैं।",
    "वह रोज़ साइकिल से दफ़्तर जाती है और समय पर पहुँचती है।",
    "किसान खेत में गेहूँ की फ़सल काटने की तैयारी कर रहे हैं।",
    "मुझे इस शहर की पुरानी गलियाँ और दुकानें पसंद हैं।",
    "बच्चों ने मैदान में पतंग उड़ाई और खूब हँसे।",
    "संगीत की कक्षा शाम पाँच बजे शुरू होती है।",
    "दुकानदार ने मुस्कुराकर कहा कि सामान कल आ जाएगा।",
    "हमने छुट्टियों में समुद्र के पास एक छोटा घर किराए पर लिया।",
    "बिल्ली चुपचाप रसोई में गई और सारा दूध पी गई।",
    "अख़बार में मौसम की ख़बर सबसे पहले पढ़ी जाती है।",
    "उन्होंने पुराने कपड़ों से सुंदर थैले बनाना सीखा।",
    "पुल की मरम्मत का काम अगले महीने तक पूरा होगा।",
    "चाय के साथ गरम पकौड़े खाना सबको अच्छा लगता है।",
)
# Joined emoji: several code points, with U+200D between them, drawn as one picture.
EMOJI = (
    "👩‍👩‍👧",
    "👨‍👩‍👦",
    "👨‍👨‍👧",
    "👩‍👦‍👦",
    "👨‍👧‍👧",
    "👨‍👩‍👧‍👦",
    "👩‍👩‍👦‍👦",
    "👨‍👨‍👧‍👦",
    "👩‍🚀",
    "👨‍🍳",
    "🧑‍🌾",
    "👩‍🏫",
    "👨‍🎨",
    "🧑‍🔬",
    "👩‍🚒",
    "👨‍🔧",
    "🧑‍💻",
    "👩‍🎤",
    "🐕‍🦺",
    "👩‍🦽",
    "🧑‍🤝‍🧑",
    "👩🏽‍🚀",
    "👨🏿‍🌾",
    "🧑🏻‍🎨",
)
FAMILIES: dict[str, tuple[str, ...]] = {
    "word": WORDS,
    "capital": CAPITALISED,
    "digits": DIGITS,
    "date": DATES,
    "name": NAMES,
    "code": CODE,
    "hindi": HINDI,
    "emoji": EMOJI,
}
