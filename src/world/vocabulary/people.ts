import { lines, words } from './topic';

/**
 * Names that go together. An entry may be `written=romanised` where a handle cannot be made from it;
 * `familyFirst` names are written family name first.
 */
export interface NameGroup {
  readonly given: readonly string[];
  readonly family: readonly string[];
  readonly familyFirst?: boolean;
  /** How many people out of all groups together bear such a name, relatively. */
  readonly weight: number;
}

export const NAME_GROUPS: readonly NameGroup[] = [
  {
    weight: 14,
    given: words`Olivia, Jack, Amelia, Harry, Isla, George, Freya, Alfie, Poppy, Arthur, Grace, Rory, Maisie, Callum, Hazel, Owen,
      Bethan, Fergus, Niamh, Declan, Imogen, Toby, Phoebe, Ewan, Tess, Gareth, Orla, Hamish, Martha, Dylan`,
    family: words`Whitaker, Marsh, Holloway, Pryce, Ashdown, Kerr, Fairley, Doyle, Llewellyn, Barker, Quinn, Thornton, Hale, MacLeod,
      Finch, Byrne, Wainwright, Osborne, Rowe, Sinclair, Gallagher, Beckett, Lyons, Appleby, Murray, Hartley`,
  },
  {
    weight: 9,
    given: words`Zoë, Mason, Harper, Elijah, Avery, Caleb, Naomi, Wesley, June, Marcus, Savannah, Theodore, Ruth, Dominic, Willa,
      Jordan, Delia, Andre, Mabel, Curtis, Nora, Isaiah, Corinne, Silas`,
    family: words`Whitfield, Hayes, Coleman, Brooks, Nakamura, Sutton, Rivera, Langley, Freeman, Castillo, Pruitt, Abrams, Delgado,
      Winslow, Hendricks, Okafor, Kaplan, Mercer, Tran, Boudreaux, Ellison, Redwood`,
  },
  {
    weight: 8,
    given: words`Lena, Jonas, Mara, Felix, Greta, Till, Annika, Moritz, Frieda, Henrik, Lotte, Bastian, Ronja, Emil, Svenja, Jakob,
      Käthe, Matthis, Birgit, Jürgen, Hannelore, Valentin`,
    family: words`Brandt, Vogel, Lindner, Krüger, Sommer, Weiß, Achterberg, Hoffmann, Seidel, Böhm, Rademacher, Kästner, Winkler,
      Petersen, Schäfer, Falk, Engel, Zimmermann, Kühn, Ostermann`,
  },
  {
    weight: 8,
    given: words`Camille, Hugo, Élodie, Mathis, Inès, Antoine, Manon, Théo, Clémence, Bastien, Lucie, Rémi, Anaïs, Gaspard, Margaux,
      Étienne, Solène, Yanis, Agathe, Noé, Maëlle, Cédric`,
    family: words`Moreau, Lefèvre, Girard, Fontaine, Chevalier, Rousseau, Perrin, Marchand, Dufour, Leclerc, Benoît, Gauthier,
      Tremblay, Delacroix, Renard, Beaumont, Lacroix, Pelletier, Vasseur, Colin`,
  },
  {
    weight: 10,
    given: words`Lucía, Mateo, Valentina, Diego, Carmen, Javier, Ximena, Andrés, Paloma, Íñigo, Sofía, Rodrigo, Marisol, Santiago,
      Nuria, Emiliano, Itziar, Joaquín, Rocío, Tomás, Pilar, Facundo, Graciela, Ignacio`,
    family: words`García, Fuentes, Ibáñez, Morales, Zamora, Peña, Castro, Vidal, Núñez, Herrera, Aguirre, Soto, Quintana, Rosales,
      Medina, Paredes, Echeverría, Luna, Montoya, Cárdenas, Ríos, Salazar`,
  },
  {
    weight: 6,
    given: words`João, Beatriz, Tiago, Mariana, Rafael, Inês, Caetano, Luísa, Gonçalo, Thaís, Vinícius, Helena, Davi, Joana,
      Marcelo, Catarina, Bruno, Leonor, Otávio, Matilde`,
    family: words`Almeida, Carvalho, Figueiredo, Moura, Teixeira, Nogueira, Pires, Azevedo, Barros, Cardoso, Magalhães, Ramos,
      Vasconcelos, Prado, Queiroz, Lobo, Sampaio, Freitas`,
  },
  {
    weight: 6,
    given: words`Giulia, Matteo, Chiara, Lorenzo, Elisa, Pietro, Ginevra, Davide, Bianca, Tommaso, Alessia, Nicolò, Serena, Enzo,
      Marta, Riccardo, Ilaria, Corrado`,
    family: words`Rossi, Conti, Marini, Ferrari, De Luca, Galli, Moretti, Barbieri, Santoro, Leone, Martinelli, Serra, Bellini,
      Caruso, Fontana, Gatti, Pellegrini, Rinaldi`,
  },
  {
    weight: 7,
    given: words`Astrid, Lars, Saga, Nils, Ingrid, Mads, Solveig, Aksel, Linnea, Oskar, Tuva, Søren, Elin, Bjørn, Freja, Eero, Aino,
      Sindre, Ylva, Kasper, Tuuli, Jussi, Guðrún, Åsa`,
    family: words`Lindqvist, Bergström, Nyström, Hansen, Dahl, Halvorsen, Mikkelsen, Ekholm, Sørensen, Holm, Virtanen, Korhonen,
      Fjeld, Åkesson, Nygaard, Rasmussen, Öberg, Laine, Strand, Jónsdóttir`,
  },
  {
    weight: 7,
    given: words`Zofia, Jakub, Hanna, Kacper, Maja, Wojciech, Agnieszka, Tomasz, Eliška, Ondřej, Tereza, Vojtěch, Katarína, Luka,
      Milica, Dragan, Ana, Goran, Irina, Stefan, Oksana, Bohdan, Réka, Levente`,
    family: words`Kowalczyk, Nowicki, Wójcik, Zieliński, Dvořák, Novotná, Horváth, Marković, Petrov, Ilić, Shevchenko, Bondar,
      Popescu, Kaczmarek, Szabó, Černý, Ivanova, Hudák, Babić, Lis`,
  },
  {
    weight: 6,
    given: words`Elif, Emre, Leyla, Kerem, Defne, Yusuf, Noor, Karim, Yasmin, Omar, Salma, Tariq, Rania, Idris, Layla, Samir, Amal,
      Hadi, Nadia, Bilal, Shirin, Kian, Parisa, Daria`,
    family: words`Yılmaz, Demir, Şahin, Haddad, Mansour, Khoury, El-Amin, Rahimi, Farouk, Aziz, Nasser, Kaya, Hosseini, Saleh,
      Öztürk, Bakir, Daoud, Karimi, Abboud, Tehrani`,
  },
  {
    weight: 8,
    given: words`Amara, Chidi, Zainab, Kwame, Thandiwe, Sipho, Ngozi, Kofi, Wanjiru, Juma, Folake, Tendai, Abena, Baraka, Lerato,
      Emeka, Makena, Issa, Adaeze, Themba, Fatou, Mamadou, Selam, Dawit`,
    family: words`Okonkwo, Mensah, Dlamini, Otieno, Adeyemi, Nkosi, Kamau, Diallo, Boateng, Moyo, Eze, Wambui, Traoré, Asante,
      Mwangi, Bekele, Osei, Ndlovu, Achebe, Sow, Tesfaye, Balogun`,
  },
  {
    weight: 10,
    given: words`Priya, Arjun, Ananya, Rohan, Meera, Vikram, Kavya, Aditya, Lakshmi, Farhan, Ishani, Nikhil, Ayesha, Siddharth, Tara,
      Imran, Divya, Rahul, Nimali, Kasun, Anjali, Zara, Devika, Sanjay`,
    family: words`Sharma, Iyer, Chatterjee, Nair, Kapoor, Reddy, Banerjee, Menon, Patel, Khan, Desai, Fernando, Perera, Bhat, Rao,
      Siddiqui, Kulkarni, Gill, Joshi, Das, Ahmed, Mukherjee`,
  },
  {
    weight: 7,
    given: words`Mei, Wei, Yuki, Haruto, Minh, Linh, Jiho, Seoyeon, Aiko, Kenji, Anh, Thao, Somchai, Malee, Putri, Budi, Li Na, Jun,
      Hana, Ren, Ayu, Rizal, Bayani, Ligaya`,
    family: words`Tanaka, Chen, Nguyen, Kim, Sato, Wong, Park, Lim, Tran, Suzuki, Lin, Choi, Santos, Wijaya, Ito, Huang, Pham,
      Reyes, Yamada, Kang, Lau, Srisai`,
  },
  {
    weight: 1,
    familyFirst: true,
    given: words`美咲=misaki, 翔太=shota, 陽菜=hina, 大輔=daisuke, 結衣=yui, 健=ken, 直子=naoko, 悠人=yuto`,
    family: words`佐藤=sato, 鈴木=suzuki, 高橋=takahashi, 田中=tanaka, 中村=nakamura, 小林=kobayashi, 山口=yamaguchi, 森=mori`,
  },
  {
    weight: 1,
    given: words`Оксана=oksana, Тарас=taras, Марина=marina, Никола=nikola, Ελένη=eleni, Γιώργος=giorgos, Дарина=daryna, Борис=boris`,
    family: words`Коваленко=kovalenko, Мельник=melnyk, Петренко=petrenko, Јовановић=jovanovic, Бойко=boyko, Савчук=savchuk`,
  },
];

/** Ends of handles, after a given name: `maya_bakes`. */
export const HANDLE_ENDS = words`bakes, runs, reads, writes, on_trails, outdoors, makes, draws, cooks, at_sea, travels, by_train, and_co, online,
  here, again, daily, says_hi, in_green, of_the_north, grows, plays, walks, swims, codes, fixes, sings, wanders`;

/** Whole profile texts that belong to no subject; `{a}` and `{b}` are what the person cares about. */
export const BIOS = lines`
  {a}. {b}. {city}.
  {a} · {b}
  {a} | {city}
  {a}. Views are my cat's.
  {a} and, on {weekday}s, {person}'s lift home
  Now in {city}. {a}.
  {a}. {b}. Probably hungry.
  Mostly {city}. {a}
  {a}. Be kind, rewind.
  {a} ✨ {b}
  {a}. {b}. In that order.
  {a}. I answer eventually.
  {a}
  {b}
  {a} / {b} / {city}
  Here for the good news. {a}.
  Trying things. {a}.
`;
