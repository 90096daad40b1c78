"""Machine instructions are recognised: PTX that must become an instruction is assembled and read back."""

from __future__ import annotations

import numpy as np
import pytest
from numba import complex128, cuda, float32

import gpusim
from gpusim.codegen.sass import notable_instructions

nvjitlink = pytest.importorskip("cuda.bindings.nvjitlink", reason="needs numba-cuda: nvJitLink")

PTX = """
.version 8.7
.target sm_{target}
.address_size 64
.visible .entry kernel(.param .u64 pointer) {{
    .reg .b64 a, d<4>; .reg .b32 r<8>; .reg .f32 f<8>; .reg .f64 g<4>; .reg .b16 h;
    .shared .align 16 .b8 tile[1024];
    ld.param.u64 a, [pointer];
    {body}
    ret;
}}
"""

ACCESSES = {
    "LDG.8": "ld.volatile.global.u8 r0, [a];",
    "LDG.16": "ld.volatile.global.u16 h, [a];",
    "LDG.32": "ld.volatile.global.b32 r0, [a];",
    "LDG.64": "ld.volatile.global.b64 d0, [a];",
    "LDG.128": "ld.volatile.global.v4.b32 {r0, r1, r2, r3}, [a];",
    "LDS.32": "ld.volatile.shared.b32 r0, [tile];",
    "LDS.128": "ld.volatile.shared.v4.b32 {r0, r1, r2, r3}, [tile];",
    "STG.32": "st.volatile.global.b32 [a], 7;",
    "STG.128": "st.volatile.global.v4.b32 [a], {7, 7, 7, 7};",
    "STS.64": "st.volatile.shared.v2.b32 [tile], {7, 7};",
    "STS.128": "st.volatile.shared.v4.b32 [tile], {7, 7, 7, 7};",
}

LOAD = "ld.volatile.global.v4.b32 {r0, r1, r2, r3}, [a];"
TENSOR = {
    "HMMA": LOAD + "mma.sync.aligned.m16n8k8.row.col.f32.f16.f16.f32 {f0, f1, f2, f3}, {r0, r1}, {r2},"
    "{f4, f5, f6, f7}; st.volatile.global.f32 [a], f0;",
    "IMMA": LOAD + "mma.sync.aligned.m16n8k32.row.col.s32.s8.s8.s32 {r4, r5, r6, r7}, {r0, r1, r2, r3}, {r0, r1},"
    "{r4, r5, r6, r7}; st.volatile.global.b32 [a], r4;",
    "DMMA": "ld.volatile.global.f64 g0, [a];"
    "mma.sync.aligned.m8n8k4.row.col.f64.f64.f64.f64 {g1, g2}, {g0}, {g0}, {g1, g2}; st.volatile.global.f64 [a], g1;",
    "HGMMA": "mov.b64 d1, 0; wgmma.fence.sync.aligned;"
    "wgmma.mma_async.sync.aligned.m64n8k16.f32.f16.f16 {f0, f1, f2, f3}, d1, d1, 1, 1, 1, 0, 0;"
    "wgmma.commit_group.sync.aligned; wgmma.wait_group.sync.aligned 0; st.volatile.global.f32 [a], f0;",
}


def assembled(body, target):
    code = PTX.format(target=target, body=body).encode()
    handle = nvjitlink.create(1, [f"-arch=sm_{target}"])
    try:
        nvjitlink.add_data(handle, nvjitlink.InputType.PTX, code, len(code), "ptx")
        nvjitlink.complete(handle)
        cubin = bytearray(nvjitlink.get_linked_cubin_size(handle))
        nvjitlink.get_linked_cubin(handle, cubin)
    finally:
        nvjitlink.destroy(handle)
    return bytes(cubin)


@pytest.mark.parametrize("target", ["75", "80", "90", "120"])
@pytest.mark.parametrize("instruction", ACCESSES)
def test_accesses(instruction, target):
    assert notable_instructions(assembled(ACCESSES[instruction], target)) == {instruction: 1}


@pytest.mark.parametrize("target", ["80", "90"])
@pytest.mark.parametrize("instruction", ["HMMA", "IMMA", "DMMA"])
def test_tensor_instructions(instruction, target):
    found = notable_instructions(assembled(TENSOR[instruction], target))
    assert found.pop(instruction) >= 1
    assert not any(name.endswith("MMA") for name in found)


def test_warpgroup_instructions():
    assert notable_instructions(assembled(TENSOR["HGMMA"], "90a"))["HGMMA"] == 1


def test_a_kernel_says_how_wide_its_accesses_are():
    @cuda.jit
    def narrow(out, a):
        i = cuda.grid(1)
        out[i] = a[i] * float32(2)

    @cuda.jit
    def wide(out, a):
        tile = cuda.shared.array(64, complex128)
        i = cuda.threadIdx.x
        tile[i] = a[i]
        cuda.syncthreads()
        out[i] = tile[63 - i]

    compiled = gpusim.compile(narrow, "void(float32[::1], float32[::1])")
    assert compiled.instructions == {"LDG.32": 1, "STG.32": 1}
    assert gpusim.compile(wide, "void(complex128[::1], complex128[::1])").instructions["LDS.128"] == 1
    assert compiled.to_dict()["instructions"] == compiled.instructions
    run = gpusim.simulate(narrow)[1, 32](np.zeros(32, np.float32), np.ones(32, np.float32))
    assert run.counts["global"]["load_requests"] == 1
