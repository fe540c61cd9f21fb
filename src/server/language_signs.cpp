#include "server/language_signs.h"

#include <array>

namespace heed {

namespace {

// clang-format off
constexpr auto kSigns = std::to_array<LanguageSigns>({
  {"en", "Latn", "the of and to in is it that for you was on are with as his they be at this have from or had by not but what all were we when your can there an which their if will how he she i my me do has who been its two man woman people", "", "th wh ing tion ou gh ea ck ight ow"},
  {"de", "Latn", "der die das und ist in den von zu mit sich des auf für nicht ein eine einen einem einer als auch es an werden aus er hat dass sie nach wird bei wir ich war im dem am um noch wie über so zum kann zur vor sind haben oder aber", "äöüß", "sch ch ung ei ie cht lich ck tz eit pf zw"},
  {"fr", "Latn", "le la les de des du et en un une est que qui dans pour pas sur au avec ce il elle je ne se plus par sont mais nous vous on aux cette son sa ses ils comme tout être fait leur deux", "àâçéèêëîïôùûüœæ", "eau oux ois ait ent eux qu tion ille ette"},
  {"es", "Latn", "el la los las de que y en un una es por con no para se lo al del su más como pero sus le ya o este sí porque esta entre cuando muy sin sobre también me hasta hay donde quien desde todo nos yo ella dos", "áéíñóúü¿¡", "ción ado ando ll rr que ía os ero"},
  {"it", "Latn", "il lo la i gli le di che e è un una in per non con del della dei delle si da al alla sono come più ma anche su nel nella questo mi ha io ci se o lei lui due uomo donna", "àèéìòù", "zione gli cch are ell tto sci gn che"},
  {"pt", "Latn", "o a os as de que e do da dos das em um uma para com não no na por mais se como mas foi ao ele ela seu sua ou ser quando muito há nos já está eu também só pelo pela até isso dois", "áâãàçéêíóôõú", "ção ões ão nh lh em ndo ais"},
  {"nl", "Latn", "de het een en van ik te dat die in is niet op aan met als voor er maar om hem dan zou wat mijn men dit zo door over ze zich bij ook tot je mij uit der daar naar heeft hun nog wordt geen zijn worden twee", "ëïéè", "ij aa ee oo uu sch oe eu cht een"},
  {"sv", "Latn", "och att det i en som på är av för med den till ett om hade de inte så var jag han hon har men sig från vi kan när nu ut skulle man vid efter där mot också två", "åäö", "sk ck tt ör är ång sj ning"},
  {"da", "Latn", "og det at en den til er som på de med der af for ikke et jeg han hun var har men sig fra vi kan da om hvad skal havde være efter nu også to", "æøå", "af eg øj sk ed hv nd ning"},
  {"nb", "Latn", "og det i en den til er som på de med av for ikke et jeg han hun var har men seg fra vi kan om hva skal hadde være etter nå også to ble", "æøå", "av eg øy sk hv kj ning"},
  {"no", "Latn", "og det i en den til er som på de med av for ikke et jeg han hun var har men seg fra vi kan om hva skal hadde være etter nå også to ble", "æøå", "av eg øy sk hv kj ning"},
  {"nn", "Latn", "og det i ein den til er som på dei med av for ikkje eit eg han ho var har men seg frå vi kan om kva skal hadde vere etter no også to vart", "æøå", "ei øy kj kv"},
  {"fi", "Latn", "ja on ei se että hän oli en mutta joka kun niin kuin ovat mukaan myös ole ollut sen tai jos nyt minä sinä te he mitä vain jo voi sitä kaksi", "äö", "ää aa uu ii kk tt yy ssa lla sta ksi inen"},
  {"et", "Latn", "ja on ei et see ta oli ma kui aga ka mis kes nii või oma selle siis olen veel mida siin välja üks kaks", "äöüõ", "õ ää üü aa de sse ga ud"},
  {"hu", "Latn", "a az és hogy nem is egy ez van meg de csak mint már ki ha még azt volt el be én te vagy lesz kell minden két", "áéíóöőúüű", "sz gy cs zs ny ly ok ek ban ben"},
  {"pl", "Latn", "i w z na się nie do to że jest o jak za po co a ale od ja ty on ona był była już tylko przez dla tak czy ich jego jej są może bardzo dwa dwóch przy", "ąćęłńóśźż", "sz cz rz dz ie prz owa ść"},
  {"cs", "Latn", "a se v na je že s z do to o k i jako ale za by si jsem jsou pro po tak už jen co podle který která když jeho byl být při nebo ve má dva dvě muž", "áčďéěíňóřšťúůýž", "ou ch ova ní ých ský pře"},
  {"sk", "Latn", "a sa v na je že s z do to o k aj ako ale za by si som sú pre po tak už len čo podľa ktorý ktorá keď jeho bol byť pri alebo vo má dva dve muž", "áäčďéíľĺňóôŕšťúýž", "ov ch ie ia nie ých ský pre"},
  {"sl", "Latn", "in je v na se da za so ki z pa ne kot po tudi ni bi ali od še k pri s bo ga to ko biti že mu dva", "čšž", "nje lj ovan ost ega"},
  {"hr", "Latn", "i je u na se da za su od s a koji kao po što ne će bi to iz ili o do nije sam ali kako bio samo ima dva", "čćđšž", "nje lj ije ost ski"},
  {"bs", "Latn", "i je u na se da za su od s a koji kao po što ne će bi to iz ili o do nije sam ali kako bio samo ima dva", "čćđšž", "nje lj ije ost ski"},
  {"sr", "Cyrl Latn", "и је у на се да за су од с а који као по што не ће би то из или о до није сам али i je u na se da za su od koji kao što ne će", "јљњћђџčćđšž", "ње љ ски"},
  {"ro", "Latn", "și de în a la nu o să cu un pe este care din că ce mai se pentru sunt dar ca au fost el ea lui ei am fi sau după prin doi două", "ăâîșțşţ", "ul ea ie ului ește ă"},
  {"tr", "Latn", "ve bir bu da de için ne çok ile o ben mi daha gibi olarak var sen kadar ama olan en sonra iki değil ya her onun", "çğıöşü", "lar ler ın ak mek yor dı"},
  {"az", "Latn", "və bir bu da də üçün nə çox ilə o mən daha kimi olaraq var sən qədər amma olan ən sonra iki deyil hər onun", "çəğıöşü", "lar lər ın ə"},
  {"id", "Latn", "yang dan di itu dengan untuk tidak ini dari dalam akan pada saya ke adalah ada mereka kita karena bisa orang juga oleh sudah dua sebuah seorang", "", "ng ny kan meng ber ah an"},
  {"ms", "Latn", "yang dan di itu dengan untuk tidak ini dari dalam akan pada saya ke ialah ada mereka kita kerana boleh orang juga oleh telah dua sebuah seorang", "", "ng ny kan meng ber ah an"},
  {"vi", "Latn", "là và của có không được một trong cho người với những các này để khi đã tôi từ đến ở như cũng về anh cô ông hai", "ăâđêôơưàáảãạấầẩẫậắằẳẵặèéẻẽẹếềểễệìíỉĩịòóỏõọốồổỗộớờởỡợùúủũụứừửữựỳýỷỹỵ", "ng nh th tr kh ph"},
  {"lt", "Latn", "ir kad į yra tai su iš bet kaip ne per buvo jis ji po aš už jo ar nuo apie taip dar tik jau du", "ąčęėįšųūž", "ai as os is uo ius"},
  {"lv", "Latn", "un ir ka uz no ar par to kas bet tas kā nav vai pie es viņš viņa bija jau tikai arī lai divi", "āčēģīķļņšūž", "ie as ās īb"},
  {"sq", "Latn", "të e në dhe që i një për me nga se është më si nuk ka por do kjo ai ajo ishte dy", "ëç", "sh nj të ë dh"},
  {"ca", "Latn", "el la els les de que i en un una és per amb no del al es dels com més però va ha o seu aquest són també si dos", "àçèéíïòóúü", "ció ny ll tge amb"},
  {"gl", "Latn", "o a os as de que e do da en un unha para con non no na por máis se como pero foi ao el ela seu súa ou", "áéíñóúü", "ción x nh lle"},
  {"eu", "Latn", "eta da ez du bat ere dute izan zen den egin dira baina hau hori ni zu bere bi", "ñ", "tz tx ko ren ak ean"},
  {"ga", "Latn", "an agus na a is ar i go le bhí sé sí do tá ní ag as den leis mar sin", "áéíóú", "bh ch mh each"},
  {"cy", "Latn", "y yr a i yn o ar mae ei am eu wedi bod gan fel ond hi ef nid", "âêîôûŵŷ", "dd ll wy ff"},
  {"is", "Latn", "og að í á er sem til við um en hann hún það var ekki með fyrir af ég þú þau frá tveir", "áéíóúýþæöð", "ð þ ll nn ur"},
  {"af", "Latn", "die en van in is nie het dat wat vir met sy op aan hy te by ek om as maar ons hulle twee", "êëô", "aa ee oe sk ie"},
  {"eo", "Latn", "la kaj de en estas al ne por kun mi li ŝi ĝi sed kiu ke sur du", "ĉĝĥĵŝŭ", "oj aj as is"},
  {"sw", "Latn", "na ya wa kwa ni katika la za kuwa hii yake watu cha hiyo kama lakini mtu mwanaume", "", "wa ku mw ny"},
  {"tl", "Latn", "ang ng sa na mga at ay ko ni si ito para hindi may kung siya ako dalawang lalaki", "", "ng ang mga"},
  {"la", "Latn", "et in est non ad ut cum sed qui quod a ex si per quae esse sunt", "", "us um ae que"},
  {"mt", "Latn", "il li ta u ma f' hija huwa mill għal din dan kien tal", "ċġħż", "għ ij ħ"},
  {"ru", "Cyrl", "и в не на я что он с как это по но они мы все она так его за был из у же от то о для вы бы два мужчина", "ыэёъ", "ого ть ение ый"},
  {"uk", "Cyrl", "і в не на я що він з як це по але вони ми все вона так його за був із у та від то про для ви би два", "іїєґ", "ння ий ть ськ"},
  {"be", "Cyrl", "і ў не на я што ён з як гэта па але яны мы усё яна так яго за быў у ад для два", "ўіёэ", "нне ць ск"},
  {"bg", "Cyrl", "и в не на аз че той с как това по но те ние се тя така за от да са е ще със два", "ъ", "та то ият ата"},
  {"mk", "Cyrl", "и во не на јас дека тој со како ова по но тие ние се таа така за од да се е ќе два", "јљњќѓџѕ", "та то от"},
  {"kk", "Cyrl", "және бір бұл мен да де үшін ол бар емес деп екі", "әғқңөұүһі", "қ ң лар дың"},
  {"mn", "Cyrl", "нь байна энэ юм болон хоёр нэг би тэр", "өү", "ийн аар"},
  {"el", "Grek", "", "", ""}, {"hy", "Armn", "", "", ""}, {"ka", "Geor", "", "", ""},
  {"he", "Hebr", "של את על לא הוא זה עם גם היא כי", "", ""},
  {"yi", "Hebr", "און די איז אין דער צו פון", "", "ײ אַ"},
  {"ar", "Arab", "في من على إلى أن هذا التي الذي لا ما مع عن كان هو هي رجل", "ةىإأ", "ال"},
  {"fa", "Arab", "و در به از که این است را با آن برای یک می ها مرد", "پچژگکی", "ها می"},
  {"ur", "Arab", "کے کی میں ہے اور سے کا کو نے پر ایک", "ٹڈڑےںہ", "ہے"},
  {"ps", "Arab", "د په او چې دا له یو", "ټډړښځڅېۍ", ""},
  {"ckb", "Arab", "لە بە و کە ئەو بۆ", "ەێۆڕڵ", ""},
  {"hi", "Deva", "के में है की और से का को पर एक यह हैं नहीं भी", "", "है में"},
  {"mr", "Deva", "आहे आणि या च्या एक हा ते मध्ये नाही", "ळ", "च्या आहे"},
  {"ne", "Deva", "छ र को मा एक यो भएको", "", "छ को"},
  {"bn", "Beng", "", "", ""}, {"as", "Beng", "", "ৰৱ", ""}, {"pa", "Guru", "", "", ""},
  {"gu", "Gujr", "", "", ""}, {"or", "Orya", "", "", ""}, {"ta", "Taml", "", "", ""},
  {"te", "Telu", "", "", ""}, {"kn", "Knda", "", "", ""}, {"ml", "Mlym", "", "", ""},
  {"si", "Sinh", "", "", ""}, {"th", "Thai", "", "", ""}, {"lo", "Laoo", "", "", ""},
  {"my", "Mymr", "", "", ""}, {"km", "Khmr", "", "", ""}, {"am", "Ethi", "", "", ""},
  {"ko", "Hang Hani", "", "", ""}, {"ja", "Hira Kana Hani", "", "", ""},
  {"zh", "Hani Bopo", "", "", ""},
});
// clang-format on

}  // namespace

std::span<const LanguageSigns> language_signs() { return kSigns; }

}  // namespace heed
