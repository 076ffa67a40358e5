# SPDX-License-Identifier: GPL-3.0-or-later
"""The scenes of the project's own exemplars: one module a surface, plus noise, meshes, materials, stage and passes.

Needs nothing but `bpy` and numpy, and is no part of the extension.
"""
