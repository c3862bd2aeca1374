"""The kinds of tasks there are: ten of level 1, ten of level 2, four of level 3."""

from __future__ import annotations

from envs.gaia.embedded import level1_files, level1_web, level2_files, level2_web, level3
from envs.gaia.embedded.draft import Template

TEMPLATES = (
    Template("ferry_csv", 1, level1_files.ferry_csv),
    Template("club_minutes", 1, level1_files.club_minutes),
    Template("fares_picture", 1, level1_files.fares_picture),
    Template("recipe_memo", 1, level1_files.recipe_memo),
    Template("program_output", 1, level1_files.program_output),
    Template("collection_jsonld", 1, level1_files.collection_jsonld),
    Template("map_catalogue", 1, level1_files.map_catalogue),
    Template("talk_slides", 1, level1_files.talk_slides),
    Template("canal_length", 1, level1_web.canal_length),
    Template("town_register", 1, level1_web.town_register),
    Template("garden_colours", 2, level2_files.garden_colours),
    Template("two_sheets", 2, level2_files.two_sheets),
    Template("donations", 2, level2_files.donations),
    Template("glacier_report", 2, level2_files.glacier_report),
    Template("order_archive", 2, level2_files.order_archive),
    Template("protein_distance", 2, level2_files.protein_distance),
    Template("lighthouse_list", 2, level2_web.lighthouse_list),
    Template("past_fee", 2, level2_web.past_fee),
    Template("bridge_year", 2, level2_web.bridge_year),
    Template("ship_plate", 2, level2_web.ship_plate),
    Template("observatories", 3, level3.observatories),
    Template("harbour_dues", 3, level3.harbour_dues),
    Template("society_growth", 3, level3.society_growth),
    Template("catch_value", 3, level3.catch_value),
)
