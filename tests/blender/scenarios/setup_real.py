"""The engine as an artist gets it, from the package index, and a texture by it."""

import bpy
from harness import ARGUMENTS, extension, module

with extension() as findings:
    bpy.context.preferences.system.use_online_access = True
    findings["set up"] = list(bpy.ops.neural_texture.set_up_engine())
    bpy.ops.neural_texture.check_set_up()
    findings["report"] = module("engine_check").report()
    findings["made"] = list(bpy.ops.neural_texture.generate(images=ARGUMENTS[0], width=64, height=64, preset="draft"))
