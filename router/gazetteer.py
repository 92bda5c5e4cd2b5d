"""Countries, states and languages as the world writes them: data, of which `places` makes sense.

Names are folded (`places.fold`). The names of countries and languages in two dozen languages, time zones of countries
that have one: from the Unicode CLDR 48 (Unicode License v3, https://www.unicode.org/license.txt) and the IANA time zone
database. States and provinces: from the `holidays` package (MIT). Everyday names (`uk`, `usa`, `holland`) are ours.
A name that means two countries (`kongo`) is not in here.
"""
# ruff: noqa: E501 -- one line for each country

COUNTRIES = """\
AD|Europe/Andorra|and|andorra|andorre|andora|андора|ανδορα|андорра
AE|Asia/Dubai|are|united arab emirates|vereinigte arabische emirate|emirats arabes unis|emiratos arabes unidos|emirati arabi uniti|emirados arabes unidos|verenigde arabische emiraten|zjednoczone emiraty arabskie|spojene arabske emiraty|zdruzeni arabski emirati|ujedinjeni arapski emirati|forenade arabemiraten|de forenede arabiske emirater|de forente arabiske emirater|arabiemiirikunnat|egyesult arab emirsegek|emiratele arabe unite|обединени арабски емирства|ηνωμενα αραβικα εμιρατα|birlesik arap emirlikleri|обєднані арабські емірати|оаэ|uae|vae|emirates|dubai|abu dhabi
AF|Asia/Kabul|afg|afghanistan|afganistan|afeganistao|afganisztan|афганистан|αφγανισταν|афганістан
AG|America/Antigua|atg|antigua and barbuda|antigua und barbuda|antigua et barbuda|antigua y barbuda|antigua e barbuda|antigua en barbuda|antigua i barbuda|antigua a barbuda|antigva in barbuda|antigva i barbuda|antigua och barbuda|antigua og barbuda|antigua ja barbuda|antigua es barbuda|antigua si barbuda|антигуа и барбуда|αντιγκουα και μπαρμπουντα|antigua ve barbuda|антигуа і барбуда
AI|America/Anguilla|aia|anguilla|anguila|angvila|ангуила|ανγκουιλα|ангілья|ангилья
AL|Europe/Tirane|alb|albania|albanien|albanie|albansko|albanija|албания|αλβανια|arnavutluk|албанія|shqiperia
AM|Asia/Yerevan|arm|armenia|armenien|armenie|armensko|armenija|ormenyorszag|армения|αρμενια|ermenistan|вірменія
AO|Africa/Luanda|ago|angola|ангола|αγκολα
AQ||ata|antarctica|antarktis|antarctique|antartida|antartide|antarktyda|antarktida|antarktika|antarktisz|антарктика|ανταρκτικη|антарктида
AR||arg|argentina|argentinien|argentine|argentinie|argentyna|argentiina|аржентина|αργεντινη|arjantin|аргентина
AS|Pacific/Pago_Pago|asm|american samoa|amerikanisch samoa|samoa americaines|samoa americana|samoa americane|amerikaans samoa|samoa amerykanskie|americka samoa|ameriska samoa|amerikanska samoa|amerikansk samoa|amerikan samoa|amerikai szamoa|американска самоа|αμερικανικη σαμοα|amerikan samoasi|американське самоа|американское самоа
AT|Europe/Vienna|aut|austria|osterreich|autriche|oostenrijk|rakousko|rakusko|avstrija|austrija|osterrike|ostrig|itavalta|ausztria|австрия|αυστρια|avusturya|австрія|republic of austria|republik osterreich|oesterreich
AU||aus|australia|australien|australie|avstralija|australija|ausztralia|австралия|αυστραλια|avustralya|австралія
AW|America/Aruba|abw|aruba|аруба|αρουμπα
AX|Europe/Mariehamn|ala|aland islands|alandinseln|iles aland|islas aland|isole aland|ilhas aland|aland|wyspy alandzkie|alandy|alandski otoki|alandski otoci|ahvenanmaa|aland szigetek|insulele aland|оландски острови|νησοι ολαντ|aland adalari|аландські острови|аландские о ва
AZ|Asia/Baku|aze|azerbaijan|aserbaidschan|azerbaidjan|azerbaiyan|azerbaigian|azerbaijao|azerbeidzjan|azerbejdzan|azerbajdzan|azerbajdzjan|aserbajdsjan|azerbaidzan|azerbajdzsan|азербаиджан|αζερμπαιτζαν|azerbaycan
BA|Europe/Sarajevo|bih|bosnia and herzegovina|bosnien und herzegowina|bosnie herzegovine|bosnia y herzegovina|bosnia ed erzegovina|bosnia e herzegovina|bosnie en herzegovina|bosnia i hercegowina|bosna a hercegovina|bosna in hercegovina|bosna i hercegovina|bosnien och hercegovina|bosnien hercegovina|bosnia hercegovina|bosnia ja hertsegovina|bosznia hercegovina|bosnia si hertegovina|босна и херцеговина|βοσνια ερζεγοβινη|bosna hersek|боснія і герцеговина|босния и герцеговина|bosnia
BB|America/Barbados|brb|barbados|barbade|барбадос|μπαρμπειντοσ
BD|Asia/Dhaka|bgd|bangladesh|bangladesch|banglades|bangladesz|бангладеш|μπανγκλαντεσ
BE|Europe/Brussels|bel|belgium|belgien|belgique|belgica|belgio|belgie|belgia|belgicko|belgija|белгия|βελγιο|belcika|бельгія|бельгия
BF|Africa/Ouagadougou|bfa|burkina faso|burquina faso|буркина фасо|μπουρκινα φασο|буркіна фасо
BG|Europe/Sofia|blg|bulgaria|bulgarien|bulgarie|bulgarije|bulharsko|bolgarija|bugarska|българия|βουλγαρια|bulgaristan|болгарія|болгария|bgr
BH|Asia/Bahrain|bah|bahrain|bahrein|barein|bahrajn|бахреин|μπαχρειν|bahreyn|bhr
BI|Africa/Bujumbura|bdi|burundi|бурунди|μπουρουντι|бурунді
BJ|Africa/Porto-Novo|ben|benin|бенин|μπενιν|бенін
BL|America/St_Barthelemy|blm|st barthelemy|saint barthelemy|san bartolome|sao bartolomeu|svaty bartolomej|sveti bartolomej|s t barthelemy|сен бартелеми|αγιοσ βαρθολομαιοσ|сен бартелемі
BM|Atlantic/Bermuda|bmu|bermuda|bermudes|bermudas|bermudy|bermudi|бермудски острови|βερμουδεσ|бермудські острови|бермудские о ва
BN|Asia/Brunei|brn|brunei|brunei darussalam|brunej|брунеи даруссалам|μπρουνει|брунеи
BO|America/La_Paz|bol|bolivia|bolivien|bolivie|boliwia|bolivija|боливия|βολιβια|bolivya|болівія|bolivia plurinational state of
BQ|America/Kralendijk|bes|caribbean netherlands|karibische niederlande|pays bas caribeens|caribe neerlandes|caraibi olandesi|paises baixos caribenhos|caribisch nederland|niderlandy karaibskie|karibske nizozemsko|karibske holandsko|nizozemski karibi|karipski otoci nizozemske|karibiska nederlanderna|de tidligere nederlandske antiller|karibisk nederland|karibian alankomaat|holland karib terseg|insulele caraibe olandeze|карибска нидерландия|ολλανδια καραιβικησ|karayip hollandasi|карибські нідерланди|бонэир синт эстатиус и саба|bonaire sint eustatius and saba
BR||bra|brazil|brasilien|bresil|brasil|brasile|brazilie|brazylia|brazilia|brazilija|brasilia|бразилия|βραζιλια|brezilya|бразилія
BS|America/Nassau|bhs|bahamas|bahamy|bahami|bahama|bahama szigetek|бахамски острови|μπαχαμεσ|bahamalar|багамські острови|багамы|the bahamas
BT|Asia/Thimphu|btn|bhutan|bhoutan|butan|butao|бутан|μπουταν
BV||bvt|bouvet island|bouvetinsel|ile bouvet|isla bouvet|isola bouvet|ilha bouvet|bouveteiland|wyspa bouveta|bouvetuv ostrov|bouvetov ostrov|bouvetov otok|otok bouvet|bouveton|bouvetoen|bouvetoya|bouvetnsaari|bouvet sziget|insula bouvet|остров буве|νησοσ μπουβε|bouvet adasi|острів буве|о в буве
BW|Africa/Gaborone|bwa|botswana|botsuana|bocvana|ботсвана|μποτσουανα|botsvana
BY|Europe/Minsk|blr|belarus|bielorussie|bielorrusia|bielorussia|bielorrussia|bialorus|belorusko|bielorusko|belorusija|bjelorusija|valko venaja|belarusz|беларус|λευκορωσια|білорусь|беларусь|weissrussland
BZ|America/Belize|blz|belize|belice|белиз|μπελιζ|беліз
CA||can|canada|kanada|канада|καναδασ
CC|Indian/Cocos|cck|cocos keeling islands|kokosinseln|iles cocos|islas cocos|isole cocos keeling|ilhas cocos keeling|cocoseilanden|wyspy kokosowe|kokosove ostrovy|kokosovi otoki|kokosovi keelingovi otoci|kokosoarna|cocosoerne|kokosoyene|kookossaaret keelingsaaret|kokusz keeling szigetek|insulele cocos keeling|кокосови острови острови киилинг|νησοι κοκοσ κιλινγκ|cocos keeling adalari|кокосові кілінг острови|кокосовые о ва
CD||cod|congo kinshasa|kongo kinshasa|republica democratica del congo|demokratyczna republika konga|konzska demokraticka republika|demokraticna republika kongo|kongon demokraattinen tasavalta|конго киншаса|κονγκο κινσασα|kongo kinsasa|конго кіншаса|democratic republic of the congo|dr congo|drc|congo the democratic republic of the|congo democratic republic of the
CF|Africa/Bangui|caf|central african republic|zentralafrikanische republik|republique centrafricaine|republica centroafricana|repubblica centrafricana|republica centro africana|centraal afrikaanse republiek|republika srodkowoafrykanska|stredoafricka republika|srednjeafriska republika|srednjoafricka republika|centralafrikanska republiken|den centralafrikanske republik|den sentralafrikanske republikk|keski afrikan tasavalta|kozep afrikai koztarsasag|republica centrafricana|централноафриканска република|κεντροαφρικανικη δημοκρατια|orta afrika cumhuriyeti|центральноафриканська республіка|центрально африканская республика
CG|Africa/Brazzaville|cog|congo brazzaville|kongo brazzaville|congo|republica do congo|konzska republika|kongon tasavalta|конго бразавил|κονγκο μπραζαβιλ|kongo brazavil|конго браззавіль|конго браззавиль|republic of the congo
CH|Europe/Zurich|che|switzerland|schweiz|suisse|suiza|svizzera|suica|zwitserland|szwajcaria|svycarsko|svajciarsko|svica|svicarska|sveits|sveitsi|svajc|elvetia|швеицария|ελβετια|isvicre|швеицарія|swiss|schweizerische eidgenossenschaft|confoederatio helvetica|swiss confederation
CI|Africa/Abidjan|civ|cote divoire|costa davorio|costa do marfim|ivoorkust|pobrezi slonoviny|pobrezie slonoviny|slonokoscena obala|obala bjelokosti|elfenbenskusten|elfenbenskysten|norsunluurannikko|elefantcsontpart|кот дивоар|ακτη ελεφαντοστου|кот дівуар|кот дивуар|ivory coast
CK|Pacific/Rarotonga|cok|cook islands|cookinseln|iles cook|islas cook|isole cook|ilhas cook|cookeilanden|wyspy cooka|cookovy ostrovy|cookove ostrovy|cookovi otoki|cookovi otoci|cookoarna|cookoerne|cookoyene|cookinsaaret|cook szigetek|insulele cook|острови кук|νησοι κουκ|cook adalari|острови кука|о ва кука
CL||chl|chile|chili|cile|чили|χιλη|sili|чилі
CM|Africa/Douala|cmr|cameroon|kamerun|cameroun|camerun|camaroes|kameroen|камерун|καμερουν
CN|Asia/Shanghai|chn|china|chine|cina|chiny|kitajska|kina|kiina|китаи|κινα|cin|peoples republic of china|prc|mainland china|volksrepublik china|中国
CO|America/Bogota|col|colombia|kolumbien|colombie|kolumbia|kolumbie|kolumbija|columbia|колумбия|κολομβια|kolombiya|колумбія
CR|America/Costa_Rica|cri|costa rica|kostaryka|kostarika|коста рика|κοστα ρικα|kosta rika
CU|America/Havana|cub|cuba|kuba|kuuba|куба|κουβα
CV|Atlantic/Cape_Verde|cpv|cape verde|cabo verde|cap vert|capo verde|kaapverdie|republika zielonego przyladka|kapverdy|zelenortski otoki|zelenortska republika|kap verde|kapp verde|zold foki koztarsasag|capul verde|кабо верде|πρασινο ακρωτηριο
CW|America/Curacao|cuw|curacao|curazao|кюрасао|κουρασαο
CX|Indian/Christmas|cxr|christmas island|weihnachtsinsel|ile christmas|isla de navidad|isola christmas|ilha christmas|christmaseiland|wyspa bozego narodzenia|vanocni ostrov|vianocny ostrov|bozicni otok|julon|juleoen|christmasoya|joulusaari|karacsony sziget|insula christmas|остров рождество|νησοσ των χριστουγεννων|christmas adasi|острів різдва|о в рождества
CY|Asia/Nicosia|cyp|cyprus|zypern|chypre|chipre|cipro|cypr|kypr|ciper|cipar|cypern|kypros|ciprus|cipru|кипър|κυπροσ|kibris|кіпр|кипр
CZ|Europe/Prague|cze|czechia|tschechien|tchequie|chequia|cechia|tchequia|tsjechie|czechy|cesko|ceska|tjeckien|tjekkiet|tsjekkia|tsekki|csehorszag|cehia|чехия|τσεχια|cekya|чехія|czech republic|tschechische republik|ceska republika|republique tcheque|republica checa|repubblica ceca
DE|Europe/Berlin|deu|germany|deutschland|allemagne|alemania|germania|alemanha|duitsland|niemcy|nemecko|nemcija|njemacka|tyskland|saksa|nemetorszag|германия|γερμανια|almanya|німеччина|federal republic of germany|bundesrepublik deutschland|brd|bundesrepublik
DJ|Africa/Djibouti|dji|djibouti|dschibuti|yibuti|gibuti|djibuti|dzibuti|dzibutsko|dzsibuti|джибути|τζιμπουτι|cibuti|джибуті
DK|Europe/Copenhagen|dnk|denmark|danemark|dinamarca|danimarca|denemarken|dania|dansko|danska|danmark|tanska|danemarca|дания|δανια|danimarka|данія
DM|America/Dominica|dma|dominica|dominique|dominika|доминика|ντομινικα|домініка
DO|America/Santo_Domingo|dom|dominican republic|dominikanische republik|republique dominicaine|republica dominicana|repubblica dominicana|dominicaanse republiek|dominikana|dominikanska republika|dominikanska republiken|den dominikanske republik|den dominikanske republikk|dominikaaninen tasavalta|dominikai koztarsasag|доминиканска република|δομινικανη δημοκρατια|dominik cumhuriyeti|домініканська республіка|доминиканская республика
DZ|Africa/Algiers|dza|algeria|algerien|algerie|argelia|algerije|algieria|alzirsko|alzirija|alzir|algeriet|алжир|αλγερια|cezayir
EC||ecu|ecuador|equateur|equador|ekwador|ekvador|еквадор|ισημερινοσ|эквадор
EE|Europe/Tallinn|est|estonia|estland|estonie|estonsko|estonija|viro|esztorszag|естония|εσθονια|estonya|естонія|эстония|eesti
EG|Africa/Cairo|egy|egypt|agypten|egypte|egipto|egitto|egito|egipt|egipat|egypten|egypti|egyiptom|египет|αιγυπτοσ|misir|єгипет
EH|Africa/El_Aaiun|esh|western sahara|westsahara|sahara occidental|sahara occidentale|saara ocidental|westelijke sahara|sahara zachodnia|zapadni sahara|zapadna sahara|zahodna sahara|vastsahara|vestsahara|vest sahara|lansi sahara|nyugat szahara|sahara occidentala|западна сахара|δυτικη σαχαρα|bati sahra|західна сахара|западная сахара
ER|Africa/Asmara|eri|eritrea|erythree|eritreia|erytrea|eritreja|eritreea|еритрея|ερυθραια|eritre|эритрея
ES||esp|spain|spanien|espagne|espana|spagna|espanha|spanje|hiszpania|spanelsko|spanielsko|spanija|spanjolska|spania|espanja|spanyolorszag|испания|ισπανια|ispanya|іспанія
ET|Africa/Addis_Ababa|eth|ethiopia|athiopien|ethiopie|etiopia|etiopie|etiopija|etiopien|етиопия|αιθιοπια|etiyopya|ефіопія|эфиопия
FI|Europe/Helsinki|fin|finland|finnland|finlande|finlandia|finsko|finska|suomi|finnorszag|finlanda|финландия|φινλανδια|finlandiya|фінляндія|финляндия
FJ|Pacific/Fiji|fji|fiji|fidschi|fidji|fiyi|figi|fidzi|fidzsi|фиджи|φιτζι|фіджі
FK|Atlantic/Stanley|flk|falkland islands|falklandinseln|iles malouines|islas malvinas|isole falkland|ilhas malvinas|falklandeilanden|falklandy|falklandske ostrovy|falklandski otoki|falklandski otoci|falklandsoarna|falklandsoerne|falklandsoyene|falklandinsaaret|falkland szigetek|insulele falkland|фолкландски острови|νησοι φοκλαντ|falkland adalari|фолклендські острови|фолклендские о ва|falkland islands malvinas
FM||fsm|micronesia|mikronesien|micronesie|mikronezja|mikronesie|mikronezia|mikronezija|mikronesiafoderasjonen|mikronesia|micronezia|микронезия|μικρονησια|mikronezya|мікронезія|федеративные штаты микронезии|micronesia federated states of
FO|Atlantic/Faroe|fro|faroe islands|faroer|iles feroe|islas feroe|isole faer oer|ilhas faroe|faeroer|wyspy owcze|faerske ostrovy|ferski otoki|farski otoci|faroarna|faeroerne|faeroyene|farsaaret|feroer szigetek|insulele feroe|фарьорски острови|νησοι φεροεσ|faroe adalari|фарерські острови|фарерские о ва
FR|Europe/Paris|fra|france|frankreich|francia|franca|frankrijk|francja|francie|francuzsko|francija|francuska|frankrike|frankrig|ranska|franciaorszag|franta|франция|γαλλια|fransa|франція
GA|Africa/Libreville|gab|gabon|gabun|gabao|габон|γκαμπον
GB|Europe/London|gbr|united kingdom|vereinigtes konigreich|royaume uni|reino unido|regno unito|verenigd koninkrijk|wielka brytania|spojene kralovstvi|spojene kralovstvo|zdruzeno kraljestvo|ujedinjeno kraljevstvo|storbritannien|storbritannia|iso britannia|egyesult kiralysag|regatul unit|обединеното кралство|ηνωμενο βασιλειο|birlesik krallik|велика британія|великобритания|uk|great britain|britain|england|scotland|wales|northern ireland|grossbritannien|schottland|nordirland|vereinigtes konigreich von grossbritannien und nordirland|grande bretagne|angleterre|gran bretagna|gran bretana|inghilterra|inglaterra|united kingdom of great britain and northern ireland|the united kingdom|anglia|engeland|groot brittannie
GD|America/Grenada|grd|grenada|grenade|granada|гренада|γρεναδα
GE|Asia/Tbilisi|geo|georgia|georgien|georgie|gruzja|gruzie|gruzinsko|gruzija|gruzia|грузия|γεωργια|gurcistan|грузія
GF|America/Cayenne|guf|french guiana|franzosisch guayana|guyane francaise|guayana francesa|guyana francese|guiana francesa|frans guyana|gujana francuska|francouzska guyana|francuzska guyana|francoska gvajana|francuska gijana|franska guyana|fransk guyana|ranskan guayana|francia guyana|guyana franceza|френска гвиана|γαλλικη γουιανα|fransiz guyanasi|французька гвіана|французская гвиана
GG|Europe/Guernsey|ggy|guernsey|guernesey|гърнзи|γκερνζι|гернсі|гернси
GH|Africa/Accra|gha|ghana|gana|гана|γκανα
GI|Europe/Gibraltar|gib|gibraltar|gibilterra|гибралтар|γιβραλταρ|cebelitarik|гібралтар
GL||grl|greenland|gronland|groenland|groenlandia|grenlandia|gronsko|grenlandija|grenland|gronlanti|groenlanda|гренландия|γροιλανδια|гренландія
GM|Africa/Banjul|gmb|gambia|gambie|gambija|гамбия|γκαμπια|gambiya|гамбія|the gambia
GN|Africa/Conakry|gin|guinea|guinee|guine|gwinea|gvineja|guineea|гвинея|γουινεα|gine|гвінея
GP|America/Guadeloupe|glp|guadeloupe|guadalupe|guadalupa|gwadelupa|gvadelup|guadelupa|гваделупа|γουαδελουπη
GQ|Africa/Malabo|gnq|equatorial guinea|aquatorialguinea|guinee equatoriale|guinea ecuatorial|guinea equatoriale|guine equatorial|equatoriaal guinea|gwinea rownikowa|rovnikova guinea|ekvatorialna gvineja|ekvatorska gvineja|ekvatorialguinea|aekvatorialguinea|ekvatorial guinea|paivantasaajan guinea|egyenlitoi guinea|guineea ecuatoriala|екваториална гвинея|ισημερινη γουινεα|ekvator ginesi|екваторіальна гвінея|экваториальная гвинея
GR|Europe/Athens|grc|greece|griechenland|grece|grecia|griekenland|grecja|recko|grecko|grcija|grcka|grekland|graekenland|hellas|kreikka|gorogorszag|гърция|ελλαδα|yunanistan|греція|греция|hellenic republic
GS|Atlantic/South_Georgia|sgs|south georgia and south sandwich islands|sudgeorgien und die sudlichen sandwichinseln|georgie du sud et les iles sandwich du sud|islas georgia del sur y sandwich del sur|georgia del sud e sandwich australi|ilhas georgia do sul e sandwich do sul|zuid georgia en zuidelijke sandwicheilanden|georgia poludniowa i sandwich poludniowy|jizni georgie a jizni sandwichovy ostrovy|juzna georgia a juzne sandwichove ostrovy|juzna georgia in juzni sandwichevi otoki|juzna georgia i otoci juzni sandwich|sydgeorgien och sydsandwichoarna|south georgia og de sydlige sandwichoer|sor georgia og sor sandwichoyene|etela georgia ja etelaiset sandwichinsaaret|deli georgia es deli sandwich szigetek|georgia de sud si insulele sandwich de sud|южна джорджия и южни сандвичеви острови|νησοι νοτια γεωργια και νοτιεσ σαντουιτσ|guney georgia ve guney sandwich adalari|південна джорджія та південні сандвічеві острови|южная георгия и южные сандвичевы о ва|south georgia and the south sandwich islands
GT|America/Guatemala|gua|guatemala|gwatemala|gvatemala|гватемала|γουατεμαλα|gtm
GU|Pacific/Guam|gum|guam|gvam|гуам|γκουαμ
GW|Africa/Bissau|gnb|guinea bissau|guinee bissau|guinea bisau|guine bissau|gwinea bissau|gvineja bissau|gvineja bisau|bissau guinea|guineea bissau|гвинея бисау|γουινεα μπισαου|gine bissau|гвінея бісау
GY|America/Guyana|guy|guyana|guiana|gujana|gvajana|гаяна|γουιανα|гаиана
HK|Asia/Hong_Kong|hkg|hong kong sar china|sonderverwaltungsregion hongkong|ras chinoise de hong kong|rae de hong kong china|ras di hong kong|hong kong rae da china|hongkong sar van china|sra hongkong chiny|hongkong zao ciny|hongkong oao ciny|posebno upravno obmocje ljudske republike kitajske hongkong|pup hong kong kina|hongkong sar|sar hongkong|hongkong sar kina|hongkong kiinan erityishallintoalue|hongkong kkt|ras hong kong china|хонконг сар на китаи|χονγκ κονγκ εδπ κινασ|cin hong kong oib|гонконг оар китаю|гонконг сар|hong kong|hongkong|hong kong sar
HM||hmd|heard island and mcdonald islands|heard und mcdonaldinseln|iles heard et macdonald|islas heard y mcdonald|isole heard e mcdonald|ilhas heard e mcdonald|heard en mcdonaldeilanden|wyspy heard i mcdonalda|hearduv ostrov a mcdonaldovy ostrovy|heardov ostrov a macdonaldove ostrovy|heardov otok in mcdonaldovi otoki|otoci heard i mcdonald|heardon och mcdonaldoarna|heard island og mcdonald islands|heard og mcdonaldoyene|heard ja mcdonaldinsaaret|heard sziget es mcdonald szigetek|insula heard si insulele mcdonald|острови хърд и макдоналд|νησοι χερντ και μακντοναλντ|heard adasi ve mcdonald adalari|острови герд і макдоналд|о ва херд и макдональд
HN|America/Tegucigalpa|hnd|honduras|хондурас|ονδουρα|гондурас
HR|Europe/Zagreb|hrv|croatia|kroatien|croatie|croacia|croazia|kroatie|chorwacja|chorvatsko|hrvaska|hrvatska|kroatia|horvatorszag|хърватия|κροατια|hirvatistan|хорватія|хорватия
HT|America/Port-au-Prince|hti|haiti|хаити|αιτη|гаіті|гаити
HU|Europe/Budapest|hun|hungary|ungarn|hongrie|hungria|ungheria|hongarije|wegry|madarsko|madzarska|madarska|ungern|unkari|magyarorszag|ungaria|унгария|ουγγαρια|macaristan|угорщина|венгрия
ID||idn|indonesia|indonesien|indonesie|indonezja|indonezia|indonezija|индонезия|ινδονησια|endonezya|індонезія
IE|Europe/Dublin|irl|ireland|irland|irlande|irlanda|ierland|irlandia|irsko|irska|irlanti|irorszag|ирландия|ιρλανδια|ірландія|republic of ireland|eire|ireland republic of
IL|Asia/Jerusalem|isr|israel|israele|izrael|израел|ισραηλ|israil|ізраіль|израиль|ישראל
IM|Europe/Isle_of_Man|imn|isle of man|ile de man|isla de man|isola di man|ilha de man|wyspa man|ostrov man|otok man|man|mansaari|man sziget|insula man|остров ман|νησοσ του μαν|man adasi|острів мен|о в мэн
IN|Asia/Kolkata|ind|india|indien|inde|indie|indija|intia|индия|ινδια|hindistan|індія
IO|Indian/Chagos|iot|british indian ocean territory|britisches territorium im indischen ozean|territoire britannique de locean indien|territorio britanico del oceano indico|territorio britannico delloceano indiano|territorio britanico do oceano indico|brits indische oceaanterritorium|brytyjskie terytorium oceanu indyjskiego|britske indickooceanske uzemi|britske indickooceanske uzemie|britansko ozemlje v indijskem oceanu|britanski indijskooceanski teritorij|brittiska territoriet i indiska oceanen|det britiske territorium i det indiske ocean|det britiske territoriet i indiahavet|brittilainen intian valtameren alue|brit indiai oceani terulet|teritoriul britanic din oceanul indian|британска територия в индииския океан|βρετανικα εδαφη ινδικου ωκεανου|britanya hint okyanusu topraklari|британська територія в індіиському океані|британская территория в индииском океане
IQ|Asia/Baghdad|irq|iraq|irak|iraque|ирак|ιρακ|ірак
IR|Asia/Tehran|irn|iran|ira|иран|ιραν|іран|iran islamic republic of
IS|Atlantic/Reykjavik|isl|iceland|island|islande|islandia|islanda|ijsland|islandija|islanti|izland|исландия|ισλανδια|izlanda|ісландія
IT|Europe/Rome|ita|italy|italien|italie|italia|wlochy|taliansko|italija|olaszorszag|италия|ιταλια|italya|італія
JE|Europe/Jersey|jey|jersey|джърси|τζερζι|джерсі|джерси
JM|America/Jamaica|jam|jamaica|jamaika|jamaique|giamaica|jamajka|ямаика|τζαμαικα
JO|Asia/Amman|jor|jordan|jordanien|jordanie|jordania|giordania|jordansko|jordanija|iordania|иордания|ιορδανια|urdun|иорданія
JP|Asia/Tokyo|jpn|japan|japon|giappone|japao|japonia|japonsko|japonska|japani|япония|ιαπωνια|japonya|японія|nippon|日本
KE|Africa/Nairobi|ken|kenya|kenia|quenia|kena|kenija|кения|κενυα|кенія
KG|Asia/Bishkek|kgz|kyrgyzstan|kirgisistan|kirghizstan|kirguistan|kirghizistan|quirguistao|kirgizie|kirgistan|kirgizsko|kirgizistan|kirgisia|kirgizisztan|kargazstan|киргизстан|κιργισταν|киргизия
KH|Asia/Phnom_Penh|khm|cambodia|kambodscha|cambodge|camboya|cambogia|camboja|cambodja|kambodza|kambodja|kambodsja|kambodzsa|cambodgia|камбоджа|καμποτζη|kambocya
KI||kir|kiribati|quiribati|кирибати|κιριμπατι|кірибаті
KM|Indian/Comoro|com|comoros|komoren|comores|comoras|comore|comoren|komory|komori|komorerna|comorerne|komorene|komorit|comore szigetek|коморски острови|κομορεσ|komorlar|комори|коморы
KN|America/St_Kitts|kna|st kitts and nevis|st kitts und nevis|saint christophe et nieves|san cristobal y nieves|saint kitts e nevis|sao cristovao e nevis|saint kitts en nevis|saint kitts i nevis|svaty krystof a nevis|svaty kristof a nevis|sveti kristof in nevis|sveti kristofor i nevis|s t kitts och nevis|saint kitts og nevis|saint kitts ja nevis|saint kitts es nevis|saint kitts si nevis|сеинт китс и невис|σεν κιτσ και νεβισ|saint kitts ve nevis|сент кітс і невіс|сент китс и невис
KP|Asia/Pyongyang|prk|north korea|nordkorea|coree du nord|corea del norte|corea del nord|coreia do norte|noord korea|korea polnocna|severni korea|severna korea|severna koreja|sjeverna koreja|nord korea|pohjois korea|eszak korea|coreea de nord|северна корея|βορεια κορεα|kuzey kore|північна корея|кндр|korea democratic peoples republic of|democratic peoples republic of korea
KR|Asia/Seoul|kor|south korea|sudkorea|coree du sud|corea del sur|corea del sud|coreia do sul|zuid korea|korea poludniowa|jizni korea|juzna korea|juzna koreja|sydkorea|sor korea|etela korea|del korea|coreea de sud|южна корея|νοτια κορεα|guney kore|південна корея|республика корея|republic of korea|korea republic of|korea south|korea|korea rep|대한민국
KW|Asia/Kuwait|kwt|kuwait|koweit|koeweit|kuwejt|kuvajt|kuvait|kuweit|кувеит|κουβειτ|kuveyt
KY|America/Cayman|cym|cayman islands|kaimaninseln|iles caimans|islas caiman|isole cayman|ilhas cayman|kaaimaneilanden|kajmany|kajmanske ostrovy|kajmanie ostrovy|kajmanji otoki|kajmanski otoci|caymanoarna|caymanoerne|caymanoyene|caymansaaret|kajman szigetek|insulele cayman|каиманови острови|νησοι κειμαν|cayman adalari|каиманові острови|о ва каиман
KZ||kaz|kazakhstan|kasachstan|kazajistan|kazakistan|cazaquistao|kazachstan|kazahstan|kazakstan|kasakhstan|kazahsztan|казахстан|καζακσταν
LA|Asia/Vientiane|lao|laos|laosz|лаос|λαοσ|lao peoples democratic republic
LB|Asia/Beirut|lbn|lebanon|libanon|liban|libano|ливан|λιβανοσ|lubnan|ліван
LC|America/St_Lucia|lca|st lucia|sainte lucie|santa lucia|saint lucia|svata lucie|svata lucia|sveta lucija|s t lucia|sfanta lucia|сеинт лусия|αγια λουκια|сент люсія|сент люсия
LI|Europe/Vaduz|lie|liechtenstein|lichtenstejnsko|lichtenstajnsko|lihtenstajn|лихтенщаин|λιχτενσταιν|ліхтенштеин|лихтенштеин
LK|Asia/Colombo|lka|sri lanka|srilanka|шри ланка|σρι λανκα|шрі ланка
LR|Africa/Monrovia|lbr|liberia|liberie|liberija|либерия|λιβερια|liberya|ліберія
LS|Africa/Maseru|lso|lesotho|lesoto|лесото|λεσοτο
LT|Europe/Vilnius|ltu|lithuania|litauen|lituanie|lituania|litouwen|litwa|litva|liettua|litvania|литва|λιθουανια|litvanya|lietuva
LU|Europe/Luxembourg|lux|luxembourg|luxemburg|luxemburgo|lussemburgo|luksemburg|lucembursko|luxembursko|люксембург|λουξεμβουργο|letzebuerg
LV|Europe/Riga|lva|latvia|lettland|lettonie|letonia|lettonia|letland|lotwa|lotyssko|latvija|lettorszag|латвия|λετονια|letonya|латвія
LY|Africa/Tripoli|lby|libya|libyen|libye|libia|libie|libija|либия|λιβυη|лівія|ливия
MA|Africa/Casablanca|mor|morocco|marokko|maroc|marruecos|marocco|marrocos|maroko|marocko|мароко|μαροκο|fas|марокко|mar
MC|Europe/Monaco|mco|monaco|monako|монако|μονακο
MD|Europe/Chisinau|mda|moldova|republik moldau|moldavie|moldavia|moldawia|moldavsko|moldavija|moldavien|republica moldova|молдова|μολδαβια|republic of moldova|moldova republic of
ME|Europe/Podgorica|mne|montenegro|czarnogora|cerna hora|cierna hora|crna gora|muntenegru|черна гора|μαυροβουνιο|karadag|чорногорія|черногория
MF|America/Marigot|maf|st martin|saint martin|san martin|sao martinho|svaty martin francie|svaty martin fr|francoski sveti martin|sfantul martin|сен мартен|αγιοσ μαρτινοσ γαλλικο τμημα|st martin french part
MG|Indian/Antananarivo|mdg|madagascar|madagaskar|madagaszkar|мадагаскар|μαδαγασκαρη
MH||mhl|marshall islands|marshallinseln|iles marshall|islas marshall|isole marshall|ilhas marshall|marshalleilanden|wyspy marshalla|marshallovy ostrovy|marshallove ostrovy|marshallovi otoki|marsalovi otoci|marshalloarna|marshalloerne|marshalloyene|marshallinsaaret|marshall szigetek|insulele marshall|маршалови острови|νησοι μαρσαλ|marshall adalari|маршаллові острови|маршалловы о ва
MK|Europe/Skopje|mkd|north macedonia|nordmazedonien|macedoine du nord|macedonia del norte|macedonia del nord|macedonia do norte|noord macedonie|macedonia polnocna|severni makedonie|severne macedonsko|severna makedonija|sjeverna makedonija|nordmakedonien|nord makedonia|pohjois makedonia|eszak macedonia|macedonia de nord|северна македония|βορεια μακεδονια|kuzey makedonya|північна македонія|северная македония|macedonia|fyrom|mazedonien
ML|Africa/Bamako|mli|mali|мали|μαλι|малі
MM|Asia/Yangon|mmr|myanmar burma|myanmar|myanmar birmanie|myanmar birmania|mianmar birmania|myanmar birma|mjanma birma|myanmar barma|mjanmarsko|mjanmar burma|mianmar|мианмар бирма|μιανμαρ βιρμανια|мянма бірма|мьянма бирма|burma
MN||mng|mongolia|mongolei|mongolie|mongolsko|mongolija|mongoliet|монголия|μογγολια|mogolistan|монголія
MO|Asia/Macau|mac|macao sar china|sonderverwaltungsregion macau|ras chinoise de macao|rae de macao china|ras di macao|macau rae da china|macau sar van china|sra makau chiny|macao zao ciny|macao oao ciny|posebno upravno obmocje kitajske makav|pup makao kina|macao sar|sar macao|macao sar kina|macao kiinan erityishallintoalue|makao kkt|ras macao china|макао сар на китаи|μακαο εδπ κινασ|cin makao oib|макао оар китаю|макао сар|macau|macao
MP|Pacific/Saipan|mnp|northern mariana islands|nordliche marianen|iles mariannes du nord|islas marianas del norte|isole marianne settentrionali|ilhas marianas do norte|noordelijke marianen|mariany polnocne|severni mariany|severne mariany|severni marianski otoki|sjevernomarijanski otoci|nordmarianerna|nordmarianerne|nord marianene|pohjois mariaanit|eszaki mariana szigetek|insulele mariane de nord|северни мариански острови|νησοι βορειεσ μαριανεσ|kuzey mariana adalari|північні маріанські острови|северные марианские о ва
MQ|America/Martinique|mtq|martinique|martinica|martynika|martinik|мартиника|μαρτινικα|мартиніка
MR|Africa/Nouakchott|mrt|mauritania|mauretanien|mauritanie|mauretania|mavretanija|mauretanija|мавритания|μαυριτανια|moritanya|мавританія
MS|America/Montserrat|msr|montserrat|монтсерат|μονσερατ|монтсеррат
MT|Europe/Malta|mlt|malta|malte|малта|μαλτα|мальта
MU|Indian/Mauritius|mus|mauritius|maurice|mauricio|mauricius|mavricij|mauricijus|мавриции|μαυρικιοσ|маврикіи|маврикии
MV|Indian/Maldives|mdv|maldives|malediven|maldivas|maldive|maldiven|malediwy|maledivy|maldivy|maldivi|maldiverna|maldiverne|maldivene|malediivit|maldiv szigetek|малдиви|μαλδιβεσ|maldivler|мальдіви|мальдивы
MW|Africa/Blantyre|mwi|malawi|malaui|malavi|малави|μαλαουι|малаві
MX||mex|mexico|mexiko|mexique|messico|meksyk|mehika|meksiko|mexic|мексико|μεξικο|meksika|мексика|mejico
MY|Asia/Kuala_Lumpur|mys|malaysia|malaisie|malasia|maleisie|malezja|malajsie|malajzia|malezija|malesia|малаизия|μαλαισια|malezya|малаизія
MZ|Africa/Maputo|moz|mozambique|mosambik|mozambico|mocambique|mozambik|mozambic|мозамбик|μοζαμβικη|мозамбік
NA|Africa/Windhoek|nam|namibia|namibie|namibija|намибия|ναμιμπια|namibya|намібія
NC|Pacific/Noumea|ncl|new caledonia|neukaledonien|nouvelle caledonie|nueva caledonia|nuova caledonia|nova caledonia|nieuw caledonie|nowa kaledonia|nova kaledonie|nova kaledonia|nova kaledonija|nya kaledonien|ny kaledonien|ny caledonia|uusi kaledonia|uj kaledonia|noua caledonie|нова каледония|νεα καληδονια|yeni kaledonya|нова каледонія|новая каледония
NE|Africa/Niamey|ner|niger|нигер|νιγηρασ|nijer|нігер
NF|Pacific/Norfolk|nfk|norfolk island|norfolkinsel|ile norfolk|isla norfolk|isola norfolk|ilha norfolk|norfolk|norfolski otok|otok norfolk|norfolkon|norfolkoya|norfolkinsaari|norfolk sziget|insula norfolk|остров норфолк|νησοσ νορφολκ|norfolk adasi|острів норфолк|о в норфолк
NG|Africa/Lagos|nga|nigeria|nigerie|nigerija|нигерия|νιγηρια|nijerya|нігерія
NI|America/Managua|nic|nicaragua|nikaragua|nikaragva|никарагуа|νικαραγουα|нікарагуа
NL|Europe/Amsterdam|nld|netherlands|niederlande|pays bas|paises bajos|paesi bassi|paises baixos|nederland|holandia|nizozemsko|holandsko|nizozemska|nederlanderna|nederlandene|alankomaat|hollandia|tarile de jos|нидерландия|κατω χωρεσ|hollanda|нідерланди|нидерланды|holland|the netherlands|hollande|olanda|holanda|netherlands kingdom of the
NO|Europe/Oslo|nor|norway|norwegen|norvege|noruega|norvegia|noorwegen|norwegia|norsko|norveska|norge|norja|норвегия|νορβηγια|norvec|норвегія
NP|Asia/Kathmandu|npl|nepal|непал|νεπαλ
NR|Pacific/Nauru|nru|nauru|науру|ναουρου
NU|Pacific/Niue|niu|niue|ниуе|νιουε|ніуе|ниуэ
NZ||nzl|new zealand|neuseeland|nouvelle zelande|nueva zelanda|nuova zelanda|nova zelandia|nieuw zeeland|nowa zelandia|novy zeland|nova zelandija|novi zeland|nya zeeland|uusi seelanti|uj zeland|noua zeelanda|нова зеландия|νεα ζηλανδια|yeni zelanda|нова зеландія|новая зеландия|aotearoa
OM|Asia/Muscat|omn|oman|oma|оман|ομαν|umman
PA|America/Panama|pan|panama|панама|παναμασ
PE|America/Lima|per|peru|perou|перу|περου
PF||pyf|french polynesia|franzosisch polynesien|polynesie francaise|polinesia francesa|polinesia francese|frans polynesie|polinezja francuska|francouzska polynesie|francuzska polynezia|francoska polinezija|francuska polinezija|franska polynesien|fransk polynesien|fransk polynesia|ranskan polynesia|francia polinezia|polinezia franceza|френска полинезия|γαλλικη πολυνησια|fransiz polinezyasi|французька полінезія|французская полинезия
PG||png|papua new guinea|papua neuguinea|papouasie nouvelle guinee|papua nueva guinea|papua nuova guinea|papua nova guine|papoea nieuw guinea|papua nowa gwinea|papua nova guinea|papua nova gvineja|papua nya guinea|papua ny guinea|papua uusi guinea|papua uj guinea|papua noua guinee|папуа нова гвинея|παπουα νεα γουινεα|papua yeni gine|папуа нова гвінея|папуа новая гвинея
PH|Asia/Manila|phl|philippines|philippinen|filipinas|filippine|filipijnen|filipiny|filipini|filippinerna|filippinerne|filippinene|filippiinit|fulop szigetek|filipine|филипини|φιλιππινεσ|filipinler|філіппіни|филиппины|the philippines
PK|Asia/Karachi|pak|pakistan|paquistao|pakisztan|пакистан|πακισταν
PL|Europe/Warsaw|pol|poland|polen|pologne|polonia|polska|polsko|poljska|puola|lengyelorszag|полша|πολωνια|polonya|польща|польша
PM|America/Miquelon|spm|st pierre and miquelon|st pierre und miquelon|saint pierre et miquelon|san pedro y miquelon|saint pierre e miquelon|sao pedro e miquelao|saint pierre en miquelon|saint pierre i miquelon|saint pierre a miquelon|sveta peter in mihael|sveti petar i mikelon|s t pierre och miquelon|saint pierre og miquelon|saint pierre ja miquelon|saint pierre es miquelon|saint pierre si miquelon|сен пиер и микелон|σεν πιερ και μικελον|saint pierre ve miquelon|сен пєр і мікелон|сен пьер и микелон
PN|Pacific/Pitcairn|pcn|pitcairn islands|pitcairninseln|iles pitcairn|islas pitcairn|isole pitcairn|ilhas pitcairn|pitcairneilanden|pitcairn|pitcairnovy ostrovy|pitcairnove ostrovy|pitcairnovi otoci|pitcairnoarna|pitcairnoyene|pitcairn szigetek|insulele pitcairn|острови питкерн|νησοι πιτκερν|pitcairn adalari|острови піткерн|о ва питкэрн
PR|America/Puerto_Rico|pri|puerto rico|porto rico|portorico|portoryko|portoriko|пуерто рико|πουερτο ρικο|porto riko|пуэрто рико
PS||pse|palestinian territories|palastinensische autonomiegebiete|territoires palestiniens|territorios palestinos|territori palestinesi|palestijnse gebieden|terytoria palestynskie|palestinska uzemi|palestinske uzemia|palestinsko ozemlje|palestinsko podrucje|palestinska territorierna|de palaestinensiske omrader|det palestinske omradet|palestiinalaisalue|palesztin autonomia|teritoriile palestiniene|палестински територии|παλαιστινιακα εδαφη|filistin bolgeleri|палестинські територіі|палестинские территории|palestine state of|palestine|state of palestine
PT||prt|portugal|portogallo|portugalia|portugalsko|portugalska|portugali|португалия|πορτογαλια|portekiz|португалія
PW|Pacific/Palau|plw|palau|palaos|palav|палау|παλαου
PY|America/Asuncion|pry|paraguay|paraguai|paragwaj|paraguaj|paragvaj|парагваи|παραγουαη
QA|Asia/Qatar|qat|qatar|katar|catar|катар|καταρ
RE|Indian/Reunion|reu|reunion|la reunion|riunione|reuniao|реюнион|ρεινιον|реюньион|реюньон
RO|Europe/Bucharest|rou|romania|rumanien|roumanie|rumania|romenia|roemenie|rumunia|rumunsko|romunija|rumunjska|rumaenien|румъния|ρουμανια|romanya|румунія|румыния
RS|Europe/Belgrade|srb|serbia|serbien|serbie|servia|servie|srbsko|srbija|szerbia|сърбия|σερβια|sirbistan|сербія|сербия
RU||rus|russia|russland|russie|rusia|rusland|rosja|rusko|rusija|ryssland|venaja|oroszorszag|русия|ρωσια|rusya|росія|россия|russian federation|russische foderation
RW|Africa/Kigali|rwa|rwanda|ruanda|руанда|ρουαντα
SA|Asia/Riyadh|sau|saudi arabia|saudi arabien|arabie saoudite|arabia saudi|arabia saudita|saoedi arabie|arabia saudyjska|saudska arabie|saudska arabia|saudova arabija|saudijska arabija|saudiarabien|szaud arabia|саудитска арабия|σαουδικη αραβια|suudi arabistan|саудівська аравія|саудовская аравия
SB|Pacific/Guadalcanal|slb|solomon islands|salomonen|iles salomon|islas salomon|isole salomone|ilhas salomao|salomonseilanden|wyspy salomona|salamounovy ostrovy|salamunove ostrovy|salomonovi otoki|salomonovi otoci|salomonoarna|salomonoerne|salomonoyene|salomonsaaret|salamon szigetek|insulele solomon|соломонови острови|νησοι σολομωντοσ|solomon adalari|соломонові острови|соломоновы о ва
SC|Indian/Mahe|syc|seychelles|seychellen|seicheles|seszele|seychely|sejseli|seychellerna|seychellerne|seychellene|seychellit|seychelle szigetek|сеишели|σευχελλεσ|seyseller|сеишельські острови|сеишельские о ва
SD|Africa/Khartoum|sdn|sudan|soudan|sudao|soedan|szudan|судан|σουδαν
SE|Europe/Stockholm|swe|sweden|schweden|suede|suecia|svezia|zweden|szwecja|svedsko|svedska|sverige|ruotsi|svedorszag|suedia|швеция|σουηδια|isvec|швеція
SG|Asia/Singapore|sgp|singapore|singapur|singapour|singapura|szingapur|сингапур|σιγκαπουρη|сінгапур
SH|Atlantic/St_Helena|shn|st helena ascension and tristan da cunha|st helena|sainte helene|santa elena|santelena|santa helena|sint helena|wyspa swietej heleny|svata helena|sveta helena|s t helena|saint helena ascension ja tristan da cunha|szent ilona|sfanta elena|света елена|αγια ελενη|saint helena|острів святоі єлени|о в св елены
SI|Europe/Ljubljana|svn|slovenia|slowenien|slovenie|eslovenia|slowenia|slovinsko|slovenija|slovenien|szlovenia|словения|σλοβενια|slovenya|словенія
SJ|Arctic/Longyearbyen|sjm|svalbard and jan mayen|spitzbergen und jan mayen|svalbard et jan mayen|svalbard y jan mayen|svalbard e jan mayen|spitsbergen en jan mayen|svalbard i jan mayen|spicberky a jan mayen|svalbard a jan mayen|svalbard in jan mayen|svalbard och jan mayen|svalbard og jan mayen|huippuvuoret ja jan mayen|svalbard es jan mayen|svalbard si jan mayen|свалбард и ян маиен|σβαλμπαρντ και γιαν μαγιεν|svalbard ve jan mayen|шпіцберген та ян маєн|шпицберген и ян маиен
SK|Europe/Bratislava|svk|slovakia|slowakei|slovaquie|eslovaquia|slovacchia|slowakije|slowacja|slovensko|slovaska|slovacka|slovakien|slovakiet|szlovakia|slovacia|словакия|σλοβακια|slovakya|словаччина|slovak republic|slowakische republik
SL|Africa/Freetown|sle|sierra leone|sierra leona|serra leoa|sijera leone|сиера леоне|σιερα λεονε|сьєрра леоне|сьерра леоне
SM|Europe/San_Marino|smr|san marino|saint marin|сан марино|αγιοσ μαρινοσ
SN|Africa/Dakar|sen|senegal|szenegal|сенегал|σενεγαλη
SO|Africa/Mogadishu|som|somalia|somalie|somalsko|somalija|szomalia|сомалия|σομαλια|somali|сомалі|сомали
SR|America/Paramaribo|sur|suriname|surinam|суринам|σουριναμ
SS|Africa/Juba|ssd|south sudan|sudsudan|soudan du sud|sudan del sur|sud sudan|sudao do sul|zuid soedan|sudan poludniowy|jizni sudan|juzny sudan|juzni sudan|sydsudan|sor sudan|etela sudan|del szudan|sudanul de sud|южен судан|νοτιο σουδαν|guney sudan|південнии судан|южныи судан
ST|Africa/Sao_Tome|stp|sao tome and principe|sao tome und principe|sao tome et principe|santo tome y principe|sao tome e principe|sao tome en principe|wyspy swietego tomasza i ksiazeca|svaty tomas a princuv ostrov|svaty tomas a princov ostrov|sveti tomaz in princ|sveti toma i princip|sao tome och principe|sao tome og principe|sao tome ja principe|sao tome es principe|sao tome si principe|сао томе и принсипи|σαο τομε και πρινσιπε|sao tome ve principe|сан томе і принсіпі|сан томе и принсипи
SV|America/El_Salvador|slv|el salvador|salvador|salwador|салвадор|ελ σαλβαδορ|сальвадор
SX|America/Lower_Princes|sxm|sint maarten|saint martin partie neerlandaise|svaty martin nizozemsko|svaty martin hol|nizozemski sveti martin|синт мартен|αγιοσ μαρτινοσ ολλανδικο τμημα|сінт мартен|sint maarten dutch part
SY|Asia/Damascus|syr|syria|syrien|syrie|siria|sirija|syyria|sziria|сирия|συρια|suriye|сирія|syrian arab republic
SZ|Africa/Mbabane|szw|eswatini|esuatini|essuatini|esvatini|szvazifold|есватини|εσουατινι|есватіні|эсватини|swaziland|swz
TC|America/Grand_Turk|tca|turks and caicos islands|turks und caicosinseln|iles turques et caiques|islas turcas y caicos|isole turks e caicos|ilhas turcas e caicos|turks en caicoseilanden|turks i caicos|turks a caicos|otoki turks in caicos|otoci turks i caicos|turks och caicosoarna|turks og caicosoerne|turks og caicosoyene|turks ja caicossaaret|turks es caicos szigetek|insulele turks si caicos|острови търкс и каикос|νησοι τερκσ και καικοσ|turks ve caicos adalari|острови теркс і каикос|теркс и каикос
TD|Africa/Ndjamena|tcd|chad|tschad|tchad|ciad|chade|tsjaad|czad|cad|tsjad|tsad|csad|чад|τσαντ
TF|Indian/Kerguelen|atf|french southern and antarctic lands|franzosische sud und antarktisgebiete|terres australes francaises|territorios australes franceses|terre australi francesi|territorios franceses do sul|franse gebieden in de zuidelijke indische oceaan|francuskie terytoria poludniowe i antarktyczne|francouzska jizni uzemi|francuzske juzne a antarkticke uzemia|francosko juzno ozemlje|francuski juzni teritoriji|franska sydterritorierna|de franske besiddelser i det sydlige indiske ocean og antarktis|de franske sorterritorier|ranskan etelaiset ja antarktiset alueet|francia deli teruletek|teritoriile australe si antarctice franceze|френски южни територии|γαλλικα νοτια εδαφη|fransiz guney topraklari|французькі південні територіі|французские южные территории|french southern territories
TG|Africa/Lome|tgo|togo|того|τογκο
TH|Asia/Bangkok|tha|thailand|thailande|tailandia|thailandia|tajlandia|thajsko|tajska|tajland|thaimaa|thaifold|thailanda|таиланд|ταιλανδη|tayland|таіланд
TJ|Asia/Dushanbe|tjk|tajikistan|tadschikistan|tadjikistan|tayikistan|tagikistan|tadjiquistao|tadzjikistan|tadzykistan|tadzikistan|tadsjikistan|tadzsikisztan|таджикистан|τατζικισταν|tacikistan
TK|Pacific/Fakaofo|tkl|tokelau|tokelav|tokelauoarna|токелау|τοκελαου
TL|Asia/Dili|tls|timor leste|timor oriental|timor est|oost timor|timor wschodni|vychodni timor|vychodny timor|osttimor|ost timor|ita timor|kelet timor|тимор лесте|τιμορ λεστε|тимор лешті|восточныи тимор
TM|Asia/Ashgabat|tkm|turkmenistan|turcomenistao|turkmensko|turkmenisztan|туркменистан|τουρκμενισταν|туркменістан
TN|Africa/Tunis|tun|tunisia|tunesien|tunisie|tunez|tunesie|tunezja|tunisko|tunizija|tunis|tunisien|tunezia|тунис|τυνησια|tunus|туніс
TO|Pacific/Tongatapu|ton|tonga|тонга|τονγκα
TR|Europe/Istanbul|tur|turkiye|turkei|turquie|turquia|turchia|turkije|turcja|turecko|turcija|turska|turkiet|tyrkiet|tyrkia|turkki|torokorszag|turcia|турция|τουρκια|туреччина|turkey
TT|America/Port_of_Spain|tto|trinidad and tobago|trinidad und tobago|trinite et tobago|trinidad y tobago|trinidad e tobago|trinidad en tobago|trynidad i tobago|trinidad a tobago|trinidad in tobago|trinidad i tobago|trinidad och tobago|trinidad og tobago|trinidad ja tobago|trinidad es tobago|trinidad si tobago|тринидад и тобаго|τρινινταντ και τομπαγκο|trinidad ve tobago|тринідад і тобаго
TV|Pacific/Funafuti|tuv|tuvalu|тувалу|τουβαλου
TW|Asia/Taipei|twn|taiwan|tajwan|tchaj wan|tajvan|таиван|ταιβαν|tayvan|таивань|taiwan province of china
TZ|Africa/Dar_es_Salaam|tza|tanzania|tansania|tanzanie|tanzanija|танзания|τανζανια|tanzanya|танзанія|united republic of tanzania|tanzania united republic of
UA|Europe/Kyiv|ukr|ukraine|ucrania|ucraina|oekraine|ukraina|ukrajina|ukrajna|украина|ουκρανια|ukrayna|украіна
UG|Africa/Kampala|uga|uganda|ouganda|oeganda|уганда|ουγκαντα
UM||umi|us outlying islands|amerikanische uberseeinseln|iles mineures eloignees des etats unis|islas menores alejadas de ee uu|isole minori esterne degli stati uniti|ilhas menores distantes dos eua|kleine afgelegen eilanden van de verenigde staten|dalekie wyspy mniejsze stanow zjednoczonych|mensi odlehle ostrovy usa|mensie odlahle ostrovy usa|stranski zunanji otoki zdruzenih drzav|mali udaljeni otoci sad a|usa s yttre oar|amerikanske oversoiske oer|usas ytre oyer|yhdysvaltain erillissaaret|az usa lakatlan kulbirtokai|insulele indepartate ale sua|отдалечени острови на сащ|απομακρυσμενεσ νησιδεσ ηπα|abd kucuk harici adalari|віддалені острови сша|внешние малые о ва сша|united states minor outlying islands
US||usa|united states|vereinigte staaten|etats unis|estados unidos|stati uniti|verenigde staten|stany zjednoczone|spojene staty|zdruzene drzave amerike|sjedinjene americke drzave|yhdysvallat|egyesult allamok|statele unite ale americii|съединени щати|ηνωμενεσ πολιτειεσ|amerika birlesik devletleri|сполучені штати|соединенные штаты|us of a|united states of america|u s a|the united states|the united states of america|estados unidos de america|etats unis d amerique|vereinigte staaten von amerika|stati uniti d america|america|amerika|eeuu|ee uu
UY|America/Montevideo|ury|uruguay|uruguai|urugwaj|uruguaj|urugvaj|уругваи|ουρουγουαη
UZ|Asia/Tashkent|uzb|uzbekistan|usbekistan|ouzbekistan|uzbequistao|oezbekistan|uzbegisztan|узбекистан|ουζμπεκισταν|ozbekistan
VA|Europe/Vatican|vat|vatican city|vatikanstadt|etat de la cite du vatican|ciudad del vaticano|citta del vaticano|cidade do vaticano|vaticaanstad|watykan|vatikan|vatikanstaten|vatikaani|statul cetatii vaticanului|ватикан|βατικανο|holy see
VC|America/St_Vincent|vct|st vincent and grenadines|st vincent und die grenadinen|saint vincent et les grenadines|san vicente y las granadinas|saint vincent e grenadine|sao vicente e granadinas|saint vincent en de grenadines|saint vincent i grenadyny|svaty vincenc a grenadiny|svaty vincent a grenadiny|sveti vincencij in grenadine|sveti vincent i grenadini|s t vincent och grenadinerna|saint vincent og grenadinerne|st vincent og grenadinene|saint vincent ja grenadiinit|saint vincent es a grenadine szigetek|saint vincent si grenadinele|сеинт винсънт и гренадини|αγιοσ βικεντιοσ και γρεναδινεσ|saint vincent ve grenadinler|сент вінсент і гренадіни|сент винсент и гренадины|st vincent and the grenadines
VE|America/Caracas|ven|venezuela|wenezuela|венецуела|βενεζουελα|венесуела|венесуэла|venezuela bolivarian republic of
VG|America/Tortola|vgb|british virgin islands|britische jungferninseln|iles vierges britanniques|islas virgenes britanicas|isole vergini britanniche|ilhas virgens britanicas|britse maagdeneilanden|brytyjskie wyspy dziewicze|britske panenske ostrovy|britanski deviski otoki|britanski djevicanski otoci|brittiska jungfruoarna|de britiske jomfruoer|de britiske jomfruoyene|brittilaiset neitsytsaaret|brit virgin szigetek|insulele virgine britanice|британски вирджински острови|βρετανικεσ παρθενεσ νησοι|britanya virjin adalari|британські віргінські острови|виргинские о ва великобритания|virgin islands british
VI|America/St_Thomas|vir|us virgin islands|amerikanische jungferninseln|iles vierges des etats unis|islas virgenes de ee uu|isole vergini americane|ilhas virgens americanas|amerikaanse maagdeneilanden|wyspy dziewicze stanow zjednoczonych|americke panenske ostrovy|ameriski deviski otoki|americki djevicanski otoci|amerikanska jungfruoarna|de amerikanske jomfruoer|de amerikanske jomfruoyene|yhdysvaltain neitsytsaaret|amerikai virgin szigetek|insulele virgine americane|американски вирджински острови|αμερικανικεσ παρθενεσ νησοι|abd virjin adalari|віргінські острови сша|виргинские о ва сша|virgin islands us
VN|Asia/Ho_Chi_Minh|vnm|vietnam|viet nam|vietna|wietnam|vijetnam|виетнам|βιετναμ|вєтнам|вьетнам
VU|Pacific/Efate|vtu|vanuatu|вануату|βανουατου|vut
WF|Pacific/Wallis|wlf|wallis and futuna|wallis und futuna|wallis et futuna|wallis y futuna|wallis e futuna|wallis en futuna|wallis i futuna|wallis a futuna|wallis in futuna|wallis och futunaoarna|wallis og futuna|wallis ja futuna|wallis es futuna|wallis si futuna|уолис и футуна|γουαλισ και φουτουνα|wallis ve futuna|уолліс і футуна|уоллис и футуна
WS|Pacific/Apia|wsm|samoa|szamoa|самоа|σαμοα
XK||xkk|kosovo|kosowo|koszovo|косово|κοσσυφοπεδιο|kosova
YE|Asia/Aden|yem|yemen|jemen|iemen|иемен|υεμενη|ємен
YT|Indian/Mayotte|myt|mayotte|majotta|маиот|μαγιοτ|маиотта
ZA|Africa/Johannesburg|zaf|south africa|sudafrika|afrique du sud|sudafrica|africa do sul|zuid afrika|republika poludniowej afryki|jihoafricka republika|juzna afrika|juznoafriska republika|juznoafricka republika|sydafrika|sor afrika|etela afrikka|del afrikai koztarsasag|africa de sud|южна африка|νοτια αφρικη|guney afrika|південно африканська республіка|южно африканская республика|rsa
ZM|Africa/Lusaka|zmb|zambia|sambia|zambie|zambija|замбия|ζαμπια|zambiya|замбія
ZW|Africa/Harare|zwe|zimbabwe|simbabwe|zimbabue|zimbabve|зимбабве|ζιμπαμπουε|зімбабве
"""
"""`code|time zone|names`: the time zone is empty where there are several."""

STATES = """\
US-AK|alaska
US-AL|alabama
US-AR|arkansas
US-AS|american samoa
US-AZ|arizona
US-CA|california|calif
US-CO|colorado
US-CT|connecticut
US-DC|district of columbia|washington dc|washington d c
US-DE|delaware
US-FL|florida
US-GA|georgia
US-GU|guam
US-HI|hawaii
US-IA|iowa
US-ID|idaho
US-IL|illinois
US-IN|indiana
US-KS|kansas
US-KY|kentucky
US-LA|louisiana
US-MA|massachusetts
US-MD|maryland
US-ME|maine
US-MI|michigan
US-MN|minnesota
US-MO|missouri
US-MP|northern mariana islands
US-MS|mississippi
US-MT|montana
US-NC|north carolina
US-ND|north dakota
US-NE|nebraska
US-NH|new hampshire
US-NJ|new jersey
US-NM|new mexico
US-NV|nevada
US-NY|new york|new york state
US-OH|ohio
US-OK|oklahoma
US-OR|oregon
US-PA|pennsylvania
US-PR|puerto rico
US-RI|rhode island
US-SC|south carolina
US-SD|south dakota
US-TN|tennessee
US-TX|texas
US-UM|united states minor outlying islands
US-UT|utah
US-VA|virginia
US-VI|virgin islands us
US-VT|vermont
US-WA|washington|washington state
US-WI|wisconsin
US-WV|west virginia
US-WY|wyoming
CA-AB|alberta
CA-BC|british columbia|colombie britannique|b c
CA-MB|manitoba
CA-NB|new brunswick|nouveau brunswick
CA-NL|newfoundland and labrador|terre neuve et labrador|newfoundland
CA-NS|nova scotia|nouvelle ecosse
CA-NT|northwest territories|territoires du nord ouest
CA-NU|nunavut
CA-ON|ontario|ont
CA-PE|prince edward island|ile du prince edouard|pei
CA-QC|quebec|quebec|pq
CA-SK|saskatchewan
CA-YT|yukon
AU-ACT|australian capital territory
AU-NSW|new south wales
AU-NT|northern territory
AU-QLD|queensland
AU-SA|south australia
AU-TAS|tasmania
AU-VIC|victoria
AU-WA|western australia
DE-BB|brandenburg
DE-BE|berlin
DE-BW|baden wurttemberg|baden wuerttemberg|bawu
DE-BY|bayern|bavaria
DE-HB|bremen
DE-HE|hessen|hesse
DE-HH|hamburg
DE-MV|mecklenburg vorpommern|mecklenburg western pomerania|meck pomm
DE-NI|niedersachsen|lower saxony
DE-NW|nordrhein westfalen|north rhine westphalia|nrw
DE-RP|rheinland pfalz|rhineland palatinate|rlp
DE-SH|schleswig holstein
DE-SL|saarland
DE-SN|sachsen|saxony
DE-ST|sachsen anhalt|saxony anhalt
DE-TH|thuringen|thuringia|thueringen
CH-AG|aargau
CH-AI|appenzell innerrhoden
CH-AR|appenzell ausserrhoden
CH-BE|bern|berne|berna
CH-BL|basel landschaft
CH-BS|basel stadt|basel|bale
CH-FR|freiburg|fribourg
CH-GE|geneve|genf|geneva|ginevra
CH-GL|glarus
CH-GR|graubunden|grigioni|grischun|grisons|graubuenden
CH-JU|jura
CH-LU|luzern|lucerne
CH-NE|neuchatel|neuenburg
CH-NW|nidwalden
CH-OW|obwalden
CH-SG|sankt gallen|st gallen|saint gall
CH-SH|schaffhausen
CH-SO|solothurn
CH-SZ|schwyz
CH-TG|thurgau
CH-TI|ticino|tessin
CH-UR|uri
CH-VD|vaud|waadt
CH-VS|valais|wallis
CH-ZG|zug
CH-ZH|zurich|zuerich
ES-AN|andalucia|andalusia|andalusien
ES-AR|aragon
ES-AS|asturias
ES-CB|cantabria
ES-CE|ceuta
ES-CL|castilla y leon
ES-CM|castilla la mancha
ES-CN|canarias|canary islands
ES-CT|cataluna|catalunya|catalonia|katalonien
ES-EX|extremadura
ES-GA|galicia
ES-IB|islas baleares|illes balears|baleares|balearic islands
ES-MC|murcia
ES-MD|madrid|comunidad de madrid
ES-ML|melilla
ES-NC|navarra
ES-PV|pais vasco|euskadi|basque country
ES-RI|la rioja
ES-VC|valenciana|comunidad valenciana|comunitat valenciana|valencia
BR-AC|acre
BR-AL|alagoas
BR-AM|amazonas
BR-AP|amapa
BR-BA|bahia
BR-CE|ceara
BR-DF|distrito federal
BR-ES|espirito santo
BR-GO|goias
BR-MA|maranhao
BR-MG|minas gerais
BR-MS|mato grosso do sul
BR-MT|mato grosso
BR-PA|para
BR-PB|paraiba
BR-PE|pernambuco
BR-PI|piaui
BR-PR|parana
BR-RJ|rio de janeiro
BR-RN|rio grande do norte
BR-RO|rondonia
BR-RR|roraima
BR-RS|rio grande do sul
BR-SC|santa catarina
BR-SE|sergipe
BR-SP|sao paulo
BR-TO|tocantins
IN-AN|andaman and nicobar islands
IN-AP|andhra pradesh
IN-AR|arunachal pradesh
IN-AS|assam
IN-BR|bihar
IN-CG|chhattisgarh
IN-CH|chandigarh
IN-DH|dadra and nagar haveli and daman and diu
IN-DL|delhi
IN-GA|goa
IN-GJ|gujarat
IN-HP|himachal pradesh
IN-HR|haryana
IN-JH|jharkhand
IN-JK|jammu and kashmir
IN-KA|karnataka
IN-KL|kerala
IN-LA|ladakh
IN-LD|lakshadweep
IN-MH|maharashtra
IN-ML|meghalaya
IN-MN|manipur
IN-MP|madhya pradesh
IN-MZ|mizoram
IN-NL|nagaland
IN-OD|odisha
IN-PB|punjab
IN-PY|puducherry
IN-RJ|rajasthan
IN-SK|sikkim
IN-TN|tamil nadu
IN-TR|tripura
IN-TS|tg|telangana
IN-UK|uttarakhand
IN-UP|uttar pradesh
IN-WB|west bengal
"""
"""`country-code|names`, of the countries whose states sales territories are made of. Elsewhere text stays text."""

LANGUAGES = """\
en|english|englisch|anglais|ingles|inglese|engels|angielski|engelska|engelsk|anglictina
de|german|deutsch|allemand|aleman|tedesco|alemao|duits|niemiecki|tyska|tysk|nemcina
fr|french|franzosisch|francais|frances|francese|frans|francuski|franska|fransk|francouzstina
es|spanish|spanisch|espagnol|espanol|spagnolo|espanhol|spaans|hiszpanski|spanska|spansk|spanelstina
it|italian|italienisch|italien|italiano|italiaans|wloski|italienska|italiensk|italstina
pt|portuguese|portugiesisch|portugais|portugues|portoghese|portugees|portugalski|portugisiska|portugisisk|portugalstina
nl|dutch|niederlandisch|neerlandais|neerlandes|olandese|holandes|nederlands|niderlandzki|nederlandska|nederlandsk|nizozemstina
pl|polish|polnisch|polonais|polaco|polacco|polones|pools|polski|polska|polsk|polstina
cs|czech|tschechisch|tcheque|checo|ceco|tcheco|tsjechisch|czeski|tjeckiska|tjekkisk|cestina
sk|slovak|slowakisch|slovaque|eslovaco|slovacco|slowaaks|slowacki|slovakiska|slovakisk|slovenstina|slovencina
sl|slovenian|slowenisch|slovene|esloveno|sloveno|sloveens|slowenski|slovenska|slovensk|slovinstina|slovenscina
hr|croatian|kroatisch|croate|croata|croato|chorwacki|kroatiska|kroatisk|chorvatstina|hrvatski
sr|serbian|serbisch|serbe|serbio|serbo|servio|servisch|serbski|serbiska|serbisk|srbstina|српски
bs|bosnian|bosnisch|bosniaque|bosnio|bosniaco|bosniacki|bosniska|bosnisk|bosenstina|bosanski
mk|macedonian|mazedonisch|macedonien|macedonio|macedone|macedonisch|macedonski|makedonska|makedonsk|makedonstina|македонски
sq|albanian|albanisch|albanais|albanes|albanese|albanees|albanski|albanska|albansk|albanstina|shqip
sv|swedish|schwedisch|suedois|sueco|svedese|zweeds|szwedzki|svenska|svensk|svedstina
da|danish|danisch|danois|danes|danese|dinamarques|deens|dunski|danska|dansk|danstina
nb|norwegian bokmal|norwegisch bokmal|norvegien bokmal|noruego bokmal|norvegese bokmal|bokmal noruegues|noors bokmal|norweski bokmal|norskt bokmal|bokmal|norstina bokmal|norsk bokmal
nn|norwegian nynorsk|norwegisch nynorsk|norvegien nynorsk|noruego nynorsk|norvegese nynorsk|nynorsk noruegues|noors nynorsk|norweski nynorsk|nynorska|nynorsk|norstina nynorsk|norsk nynorsk
no|norwegian|norwegisch|norvegien|noruego|norvegese|noruegues|noors|norweski|norska|norsk|norstina
fi|finnish|finnisch|finnois|fines|finlandese|finlandes|fins|finski|finska|finsk|finstina|suomi
et|estonian|estnisch|estonien|estonio|estone|estoniano|estisch|estonski|estniska|estisk|estonstina|eesti
lv|latvian|lettisch|letton|leton|lettone|letao|lets|lotewski|lettiska|lettisk|lotystina|latviesu
lt|lithuanian|litauisch|lituanien|lituano|litouws|litewski|litauiska|litauisk|litevstina|lietuviu
hu|hungarian|ungarisch|hongrois|hungaro|ungherese|hongaars|wegierski|ungerska|ungarsk|madarstina|magyar
ro|romanian|rumanisch|roumain|rumano|rumeno|romeno|roemeens|rumunski|rumanska|rumaensk|rumunstina|romana
bg|bulgarian|bulgarisch|bulgare|bulgaro|bulgaars|bulgarski|bulgariska|bulgarsk|bulharstina|български
el|greek|griechisch|grec|griego|greco|grego|grieks|grecki|grekiska|graesk|rectina|ελληνικα
tr|turkish|turkisch|turc|turco|turks|turecki|turkiska|tyrkisk|turectina|turkce
uk|ukrainian|ukrainisch|ukrainien|ucraniano|ucraino|oekraiens|ukrainski|ukrainska|ukrainsk|ukrajinstina|украінська
ru|russian|russisch|russe|ruso|russo|rosyjski|ryska|russisk|rustina|русскии
be|belarusian|belarussisch|bielorusse|bielorruso|bielorusso|bielorrusso|bialoruski|belarusiska|belarusisk|belorustina|беларуская
ca|catalan|katalanisch|catalano|catalao|catalaans|katalonski|katalanska|catalansk|katalanstina|catala
eu|basque|baskisch|euskera|basco|baskijski|baskiska|baskisk|baskictina|euskara
gl|galician|galicisch|galicien|gallego|galiziano|galego|galicyjski|galiciska|galicisk|galicijstina
ga|irish|irisch|irlandais|irlandes|irlandese|iers|irlandzki|iriska|irsk|irstina|gaeilge
cy|welsh|walisisch|gallois|gales|gallese|walijski|walesiska|walisisk|velstina|cymraeg
is|icelandic|islandisch|islandais|islandes|islandese|ijslands|islandzki|islandska|islandsk|islandstina|islenska
mt|maltese|maltesisch|maltais|maltes|maltees|maltanski|maltesiska|maltesisk|maltstina|malti
lb|luxembourgish|luxemburgisch|luxembourgeois|luxemburgues|lussemburghese|luxemburgs|luksemburski|luxemburgiska|luxembourgsk|lucemburstina|letzebuergesch
he|hebrew|hebraisch|hebreu|hebreo|ebraico|hebraico|hebreeuws|hebrajski|hebreiska|hebraisk|hebrejstina|עברית
ar|arabic|arabisch|arabe|arabo|arabski|arabiska|arabisk|arabstina|العربية
fa|persian|persisch|persan|persa|persiano|perzisch|perski|persiska|persisk|perstina|فارسی
hi|hindi|hindstina|ह नद
bn|bangla|bengalisch|bengali|bengalese|bengaals|bengalski|bengalstina|ব ল
ur|urdu|ourdou|urdstina|اردو
ta|tamil|tamoul|tamilski|tamilstina|தம ழ
te|telugu|telougou|telugo|telugstina|త ల గ
zh|chinese|chinesisch|chinois|chino|cinese|chines|chinees|chinski|kinesiska|kinesisk|cinstina|中文
ja|japanese|japanisch|japonais|japones|giapponese|japans|japonski|japanska|japansk|japonstina|日本語
ko|korean|koreanisch|coreen|coreano|koreaans|koreanski|koreanska|koreansk|korejstina|한국어
vi|vietnamese|vietnamesisch|vietnamien|vietnamita|vietnamees|wietnamski|vietnamesiska|vietnamesisk|vietnamstina|tieng viet
th|thai|thailandisch|tailandes|thailandese|tajski|thailandska|thajstina|ไทย
id|indonesian|indonesisch|indonesien|indonesio|indonesiano|indonezyjski|indonesiska|indonesisk|indonestina|indonesia
ms|malay|malaiisch|malais|malayo|malese|malaio|maleis|malajski|malajiska|malajisk|malajstina|melayu
tl|tagalog|tagalo|tagalski
sw|swahili|suaheli|suajili|suaili|suahili|svahilstina|kiswahili
af|afrikaans|africaner|afrikanstina
hy|armenian|armenisch|armenien|armenio|armeno|armeens|ormianski|armeniska|armensk|armenstina|հայերեն
ka|georgian|georgisch|georgien|georgiano|gruzinski|georgiska|georgisk|gruzinstina|ქართული
az|azerbaijani|aserbaidschanisch|azerbaidjanais|azerbaiyano|azerbaigiano|azerbaijano|azerbeidzjaans|azerbejdzanski|azerbajdzjanska|aserbajdsjansk|azerbajdzanstina|azərbaycan
kk|kazakh|kasachisch|kazajo|kazako|cazaque|kazachs|kazachski|kazakiska|kasakhisk|kazastina|қазақ тілі
"""
"""`code|names`"""

STATE_ZONES = """\
America/New_York: US-CT US-DE US-DC US-GA US-MA US-MD US-ME US-NC US-NH US-NJ US-NY US-OH US-PA US-RI US-SC US-VA US-VT US-WV
America/Chicago: US-AL US-AR US-IA US-IL US-LA US-MN US-MO US-MS US-OK US-WI
America/Denver: US-CO US-MT US-NM US-UT US-WY
America/Phoenix: US-AZ
America/Los_Angeles: US-CA US-NV US-WA
Pacific/Honolulu: US-HI
America/Puerto_Rico: US-PR
Pacific/Guam: US-GU
America/Halifax: CA-NS CA-PE
America/Moncton: CA-NB
America/Edmonton: CA-AB
America/Winnipeg: CA-MB
America/Regina: CA-SK
America/Whitehorse: CA-YT
Australia/Sydney: AU-NSW AU-ACT
Australia/Melbourne: AU-VIC
Australia/Brisbane: AU-QLD
Australia/Adelaide: AU-SA
Australia/Perth: AU-WA
Australia/Hobart: AU-TAS
Australia/Darwin: AU-NT
Europe/Madrid: ES-AN ES-AR ES-AS ES-CB ES-CL ES-CM ES-CT ES-EX ES-GA ES-IB ES-MC ES-MD ES-NC ES-PV ES-RI ES-VC
Atlantic/Canary: ES-CN
America/Sao_Paulo: BR-SP BR-RJ BR-MG BR-ES BR-PR BR-SC BR-RS BR-GO BR-DF
"""
"""States that lie in one time zone (or keep the same time throughout, but for a county or two); the others are left out."""
