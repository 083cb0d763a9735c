/* SPDX-License-Identifier: BSD-2-Clause */
/* script_texts.h - one small story in many scripts, with ASCII digits, composed (NFC). */
#ifndef TESTS_SCRIPT_TEXTS_H
#define TESTS_SCRIPT_TEXTS_H

#include <stdbool.h>

#define SCRIPT_CHARSETS 3

struct script_text {
	const char *language, *text;
	const char *charsets[SCRIPT_CHARSETS]; /* that have most of its letters */
	bool unspaced;                         /* every character is a word */
};

/* clang-format off */
static const struct script_text script_texts[] = {
	{ "persian",
	  "شهرداری بندر از آغاز ساخت یک کتابخانهٔ تازه در محلهٔ قدیمی خبر داد و گفت "
	  "کارها تا پایان سال 1402 به سرانجام می‌رسد.\n"
	  "به گفتهٔ مدیر پروژه، این ساختمان در سه طبقه ساخته می‌شود و خانواده‌ها "
	  "می‌توانند از 1٬250 متر فضای سبز آن استفاده کنند.\n"
	  "ساکنان می‌گویند سال‌هاست که منتظر چنین مکانی بوده‌اند و امیدوارند کتاب‌های "
	  "کودکان بزرگ‌ترین بخش آن باشد.\n",
	  { "windows-1256", "iso-8859-6" }, false },
	{ "arabic",
	  "أعلنت بلدية المدينة عن إنشاء مكتبة جديدة في الحي القديم، وقالت إن الأعمال "
	  "ستنتهي قبل نهاية عام 2024 بكلفة 1٬250 ألف دينار.\n"
	  "وأوضح المهندس المسؤول أن المبنى يتألف من ثلاثة طوابق، وأن الأسر ستجد فيه "
	  "قاعة كبيرة للقراءة وحديقة صغيرة على السطح.\n"
	  "وقال سكان الحي إنهم انتظروا هذا المكان سنوات طويلة، وإن الأطفال أكثر من "
	  "سيستفيد منه في العطلة الصيفية.\n",
	  { "windows-1256", "iso-8859-6", "x-cp1256" }, false },
	{ "hindi",
	  "नगर निगम ने कल घोषणा की कि पुराने शहर में एक नया पुस्तकालय बनाया जाएगा और "
	  "सारा काम 2024 के अंत तक 1250 लाख रुपये में पूरा होगा।\n"
	  "परियोजना के प्रमुख ने बताया कि इमारत तीन मंज़िल की होगी, छत पर एक छोटा "
	  "बाग़ होगा और बच्चे वहाँ बैठकर किताबें पढ़ सकेंगे।\n"
	  "आसपास के लोगों ने कहा कि वे कई साल से ऐसी जगह की राह देख रहे थे और बड़े "
	  "कमरे की ज़रूरत थी।\n",
	  { "windows-1252" }, false },
	{ "russian",
	  "Городская администрация объявила вчера, что в старом районе построят новую "
	  "библиотеку, а все работы завершат до конца 2024 года за 1250 тысяч рублей.\n"
	  "Руководитель проекта рассказал, что в здании будет три этажа, на крыше "
	  "разобьют небольшой сад, и семьи смогут читать там книги.\n"
	  "Жители соседних домов говорят, что ждали этого много лет и надеются, что "
	  "детский отдел станет самым большим.\n",
	  { "koi8-r", "windows-1251", "iso-8859-5" }, false },
	{ "yoruba",
	  "Ìjọba ìpínlẹ̀ kéde lánàá pé àwọn yóò kọ́ ilé ìkàwé tuntun sí àdúgbò "
	  "àtijọ́, iṣẹ́ náà yóò sì parí kí ọdún 2024 tó tán pẹ̀lú owó 1250.\n"
	  "Olórí iṣẹ́ náà sọ pé ilé ọ̀hún yóò ní àjà mẹ́ta, ọgbà kékeré yóò wà lórí "
	  "rẹ̀, àwọn ẹbí yóò sì lè máa ka ìwé níbẹ̀.\n"
	  "Àwọn ará àdúgbò sọ pé àwọn ti ń dúró fún ọ̀pọ̀ ọdún, wọ́n sì ń retí pé ìwé "
	  "àwọn ọmọdé ni yóò pọ̀ jù lọ.\n",
	  { "windows-1252" }, false },
	{ "igbo",
	  "Gọọmenti steeti kwuru ụnyaahụ na ha ga-arụ ụlọ ọba akwụkwọ ọhụrụ n'ógbè "
	  "ochie, ọrụ niile ga-agwụcha tupu afọ 2024 agwụ.\n"
	  "Onyeisi ọrụ ahụ kwuru na ụlọ ahụ ga-enwe okpukpu atọ, ọ ga-enwekwa obere "
	  "ubi n'elu ya ebe ezinụlọ ga-anọ na-agụ akwụkwọ.\n"
	  "Ndị bi nso kwuru na ha echerela ọtụtụ afọ, ha na-atụkwa anya na akwụkwọ "
	  "ụmụaka ga-abụ nke kacha buo ibu.\n",
	  { "windows-1258" }, false },
	{ "hausa",
	  "Gwamnatin jihar ta sanar jiya cewa za a gina sabon ɗakin karatu a tsohuwar "
	  "unguwa, kuma za a gama aikin kafin ƙarshen shekarar 2024.\n"
	  "Shugaban aikin ya ce ginin zai kasance hawa uku, da ƙaramin lambu a saman "
	  "rufi, inda iyalai za su iya zama su karanta littattafai.\n"
	  "Mazauna unguwar sun ce sun daɗe suna jira, kuma suna fatan ɓangaren "
	  "littattafan yara zai fi girma.\n",
	  { "windows-1252" }, false },
	{ "swahili",
	  "Serikali ya mkoa ilitangaza jana kwamba itajenga maktaba mpya katika mtaa "
	  "wa zamani, na kazi yote itakamilika kabla ya mwisho wa mwaka 2024.\n"
	  "Msimamizi wa mradi alisema jengo hilo litakuwa na ghorofa tatu na bustani "
	  "ndogo juu ya paa, ambapo familia zitaweza kusoma vitabu.\n"
	  "Wakazi wa jirani walisema wamesubiri kwa miaka mingi na wanatumaini sehemu "
	  "ya watoto itakuwa kubwa kuliko zote.\n",
	  { "us-ascii" }, false },
	{ "amharic",
	  "የከተማው አስተዳደር ትናንት በአሮጌው ሰፈር አዲስ ቤተ መጻሕፍት እንደሚገነባ አስታወቀ፣ ሥራውም ከዓመቱ መጨረሻ በፊት "
	  "በ1250 ሺህ ብር ይጠናቀቃል።\n"
	  "የፕሮጀክቱ ኃላፊ እንደተናገሩት ሕንፃው ሦስት ፎቅ ይኖረዋል፣ በጣሪያው ላይም ትንሽ የአትክልት ቦታ ይኖራል፤ "
	  "ቤተሰቦችም እዚያ መጽሐፍ ማንበብ ይችላሉ።\n"
	  "የአካባቢው ነዋሪዎች ለብዙ ዓመታት እንደጠበቁ ገልጸው የሕፃናት መጻሕፍት ክፍል ትልቁ እንዲሆን ተስፋ ያደርጋሉ።\n",
	  { NULL }, false },
	{ "chinese",
	  "市政府昨天宣布，将在老城区修建一座新的图书馆，全部工程预计在2024年年底以前完"
	  "成，总投资约1250万元。\n"
	  "负责人介绍说，这座三层建筑的屋顶上有一个小花园，家长可以带着孩子在那里看书，也可"
	  "以在一楼的大厅里参加讲座。\n"
	  "附近的居民表示，他们已经等了很多年，希望儿童图书能够成为馆里最大的一个部分。\n",
	  { "gb18030", "gbk", "gb2312" }, true },
	{ "traditional",
	  "市政府昨天宣布，將在老城區修建一座新的圖書館，全部工程預計在2024年年底以前完"
	  "成，總投資約1250萬元。\n"
	  "負責人介紹說，這座三層建築的屋頂上有一個小花園，家長可以帶著孩子在那裡看書，也可"
	  "以在一樓的大廳裡參加講座。\n"
	  "附近的居民表示，他們已經等了很多年，希望兒童圖書能夠成為館裡最大的一個部分。\n",
	  { "big5", "big5-hkscs", "gb18030" }, true },
	{ "japanese",
	  "市は昨日、旧市街に新しい図書館を建てると発表した。工事は2024年の末までに終わ"
	  "り、費用はおよそ1250万円になるという。\n"
	  "担当者によると、建物は三階建てで、屋上には小さなガーデンがあり、家族がベンチで本"
	  "を読んだりイベントに参加したりできる。\n"
	  "近くに住む人々は「何年も待っていた」と話し、子どもの本のコーナーがいちばん大きく"
	  "なることを願っている。\n",
	  { "shift_jis", "euc-jp", "iso-2022-jp" }, true },
	{ "thai",
	  "เทศบาลประกาศเมื่อวานนี้ว่าจะสร้างห้องสมุดแห่งใหม่ในย่านเมืองเก่า "
	  "และคาดว่างานทั้งหมดจะเสร็จก่อนสิ้นปี 2567 ด้วยงบประมาณ 1250 ล้านบาท\n"
	  "ผู้จัดการโครงการกล่าวว่าอาคารมีสามชั้น มีสวนเล็กๆ บนดาดฟ้า "
	  "และครอบครัวสามารถมานั่งอ่านหนังสือได้ทุกวัน\n"
	  "ชาวบ้านในละแวกนั้นบอกว่ารอมานานหลายปีแล้ว "
	  "และหวังว่าหนังสือสำหรับเด็กจะเป็นส่วนที่ใหญ่ที่สุดของที่นี่\n",
	  { "tis-620", "windows-874", "iso-8859-11" }, true },
	{ "khmer",
	  "សាលាក្រុងបានប្រកាសកាលពីម្សិលមិញថានឹងសាងសង់បណ្ណាល័យថ្មីមួយនៅក្នុងតំបន់ចាស់នៃ"
	  "ទីក្រុង ហើយការងារទាំងអស់នឹងចប់មុនដំណាច់ឆ្នាំ 2024\n"
	  "អ្នកគ្រប់គ្រងគម្រោងបាននិយាយថាអគារនេះមានបីជាន់ និងមានសួនតូចមួយនៅលើដំបូល "
	  "ដែលគ្រួសារអាចមកអានសៀវភៅបាន\n"
	  "អ្នករស់នៅជិតនោះនិយាយថាពួកគេរង់ចាំជាច្រើនឆ្នាំមកហើយ "
	  "ហើយសង្ឃឹមថាផ្នែកសៀវភៅកុមារនឹងធំជាងគេ\n",
	  { NULL }, true },
	{ "lao",
	  "ເທດສະບານປະກາດເມື່ອວານນີ້ວ່າຈະສ້າງຫໍສະໝຸດແຫ່ງໃໝ່ຢູ່ໃນຍ່ານເມືອງເກົ່າ "
	  "ແລະຄາດວ່າວຽກທັງໝົດຈະສຳເລັດກ່ອນທ້າຍປີ 2024\n"
	  "ຜູ້ຈັດການໂຄງການກ່າວວ່າອາຄານມີສາມຊັ້ນ ແລະມີສວນນ້ອຍຢູ່ເທິງຫຼັງຄາ "
	  "ບ່ອນທີ່ຄອບຄົວສາມາດມາອ່ານປຶ້ມໄດ້ທຸກມື້\n"
	  "ຊາວບ້ານຢູ່ໃກ້ຄຽງບອກວ່າລໍຖ້າມາຫຼາຍປີແລ້ວ "
	  "ແລະຫວັງວ່າພາກປຶ້ມສຳລັບເດັກນ້ອຍຈະເປັນພາກທີ່ໃຫຍ່ທີ່ສຸດ\n",
	  { NULL }, true },
	{ "burmese",
	  "မြို့တော်စည်ပင်က မနေ့က မြို့ဟောင်းရပ်ကွက်တွင် စာကြည့်တိုက်အသစ်တစ်ခု "
	  "ဆောက်လုပ်မည်ဟု ကြေညာခဲ့ပြီး လုပ်ငန်းအားလုံး 2024 နှစ်ကုန်မတိုင်မီ "
	  "ပြီးစီးမည်။\n"
	  "စီမံကိန်းတာဝန်ခံက အဆောက်အဦးသည် သုံးထပ်ရှိပြီး အမိုးပေါ်တွင် ဥယျာဉ်ငယ်တစ်ခု "
	  "ပါဝင်မည်ဟု ပြောကြားခဲ့သည်။\n"
	  "အနီးအနားတွင် နေထိုင်သူများက နှစ်ပေါင်းများစွာ စောင့်ဆိုင်းခဲ့ရကြောင်းနှင့် "
	  "ကလေးစာအုပ်ကဏ္ဍသည် အကြီးဆုံးဖြစ်ရန် မျှော်လင့်ကြောင်း ပြောကြသည်။\n",
	  { NULL }, true },
};
/* clang-format on */
#define SCRIPT_TEXTS (sizeof script_texts / sizeof *script_texts)

#endif
