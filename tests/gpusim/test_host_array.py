"""Device arrays against NumPy (values) and Numba's own index arithmetic (shapes, strides, refusals)."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numba import cuda
from numba.cuda.cudadrv import driver
from numba.cuda.cudadrv.devicearray import ManagedNDArray, MappedNDArray
from numba.cuda.cudadrv.dummyarray import Array as NumbaLayout

import gpusim
from gpusim.host.array import DeviceArray, DeviceRecord
from gpusim.host.memory import MEMORY


@pytest.fixture(scope="module", autouse=True)
def session() -> Iterator[None]:
    with gpusim.install():
        yield


POINT = np.dtype([("x", np.float32), ("n", np.int64), ("v", np.float32, (3,))])


@st.composite
def arrays_and_items(draw: st.DrawFn) -> tuple[np.ndarray, tuple]:
    shape = tuple(draw(st.lists(st.integers(1, 5), min_size=1, max_size=3)))
    order = draw(st.sampled_from("CF"))
    array = np.asarray(np.arange(np.prod(shape)).reshape(shape), dtype=np.float32, order=order)
    item = []
    for extent in shape[: draw(st.integers(1, len(shape)))]:
        if draw(st.booleans()):
            item.append(draw(st.integers(-extent, extent - 1)))
        else:
            bound = st.none() | st.integers(-extent - 1, extent + 1)
            item.append(slice(draw(bound), draw(bound), draw(st.sampled_from([None, 1, 2, 3]))))
    return array, tuple(item)


@given(arrays_and_items())
def test_indexing_gives_numpys_values_and_numbas_layout(case: tuple[np.ndarray, tuple]) -> None:
    array, item = case
    found = cuda.to_device(array)[item]
    expected = array[item]
    if np.ndim(expected) == 0:
        assert found == expected
        assert isinstance(found, np.float32)
        return
    layout = NumbaLayout.from_desc(0, array.shape, array.strides, array.itemsize)[item]
    assert found.shape == layout.shape
    if not array.flags.c_contiguous:  # for other orders Numba reinterprets the memory, on a GPU as here
        return
    np.testing.assert_array_equal(found.copy_to_host(), expected)
    if found.size:
        assert [s for s, n in zip(found.strides, found.shape, strict=True) if n > 1] == [
            s for s, n in zip(layout.strides, layout.shape, strict=True) if n > 1
        ]
        assert found.gpu_data.device_pointer_value % 256 == layout.extent.begin % 256


@given(arrays_and_items())
def test_assignment_writes_what_numpy_writes(case: tuple[np.ndarray, tuple]) -> None:
    array, item = case
    device = cuda.to_device(array)
    device[item] = 7
    expected = array.copy()
    expected[item] = 7
    np.testing.assert_array_equal(device.copy_to_host(), expected)


def test_to_device_copies_in_both_directions() -> None:
    host = np.arange(6, dtype=np.int32)
    device = cuda.to_device(host)
    host[0] = 99
    assert device[0] == 0
    back = device.copy_to_host()
    back[1] = 99
    assert device[1] == 1


def test_views_share_memory_and_keep_their_owner() -> None:
    device = cuda.to_device(np.zeros(8, np.float32))
    view = device[2:6]
    view[0] = 5
    assert device[2] == 5
    assert view._gpusim_owner is device._gpusim_owner
    assert view.gpu_data.device_pointer_value == device.gpu_data.device_pointer_value + 8
    assert device.gpu_data.device_pointer_value % 256 == 0


def test_undefined_until_something_is_written() -> None:
    device = cuda.device_array(4, np.float32)
    assert not device._gpusim_written.any()
    assert np.isnan(device.copy_to_host()).all()
    view = device[1:]
    view[0] = 1
    np.testing.assert_array_equal(device._gpusim_written, np.arange(16) // 4 == 1)
    device.copy_to_device(np.ones(4, np.float32))
    assert device._gpusim_written is None
    assert cuda.to_device(np.ones(3))._gpusim_written is None


def test_fortran_and_broadcast_arrays_keep_their_strides() -> None:
    fortran = np.asfortranarray(np.arange(6).reshape(2, 3))
    device = cuda.to_device(fortran)
    assert device.strides == fortran.strides
    assert device.is_f_contiguous() and not device.is_c_contiguous()
    np.testing.assert_array_equal(device.copy_to_host(), fortran)
    broadcast = np.broadcast_to(np.arange(3.0), (4, 3))
    device = cuda.to_device(broadcast)
    assert device.strides == (0, 8)
    assert device.alloc_size == 24
    np.testing.assert_array_equal(device.copy_to_host(), broadcast)


def test_copies_demand_equal_dtype_shape_and_strides() -> None:
    device = cuda.to_device(np.zeros((2, 3), np.float32))
    with pytest.raises(TypeError, match=r"incompatible dtype: float32 vs\. float64"):
        device.copy_to_host(np.zeros((2, 3)))
    with pytest.raises(ValueError, match="incompatible shape"):
        device.copy_to_host(np.zeros((3, 2), np.float32))
    with pytest.raises(ValueError, match="incompatible strides"):
        device.copy_to_host(np.zeros((2, 3), np.float32, order="F"))
    with pytest.raises(TypeError, match="incompatible dtype"):
        device.copy_to_device(np.zeros((2, 3)))
    with pytest.raises(ValueError, match="non-contiguous"):
        cuda.to_device(np.zeros((4, 4))[::2, ::2])
    with pytest.raises(ValueError, match="non-contiguous"):
        device[:, ::2].copy_to_device(np.zeros((2, 2), np.float32))


def test_copy_to_host_fills_the_array_it_is_given() -> None:
    device = cuda.to_device(np.arange(3.0))
    host = np.zeros(3)
    assert device.copy_to_host(host) is host
    np.testing.assert_array_equal(host, [0, 1, 2])
    np.testing.assert_array_equal(np.asarray(device), [0, 1, 2])
    with pytest.raises(ValueError):
        np.array(device, copy=False)


def test_reshape_and_ravel_never_copy() -> None:
    device = cuda.to_device(np.arange(12, dtype=np.int64))
    matrix = device.reshape(3, 4)
    matrix[1, 1] = -1
    assert device[5] == -1
    assert device.reshape((2, -1)).shape == (2, 6)
    fortran = cuda.to_device(np.asfortranarray(np.arange(12).reshape(3, 4)))
    assert fortran.reshape(4, 3, order="F").strides == (8, 32)
    np.testing.assert_array_equal(fortran.ravel(order="F").copy_to_host(), np.arange(12).reshape(3, 4).T.ravel())
    with pytest.raises(NotImplementedError):
        matrix[:, ::2].ravel()
    with pytest.raises(NotImplementedError):
        matrix[:, :3].reshape(9)
    with pytest.raises(ValueError, match="changes the size"):
        device.reshape(5)


def test_transpose_view_squeeze_split() -> None:
    host = np.arange(6, dtype=np.float32).reshape(2, 3)
    device = cuda.to_device(host)
    np.testing.assert_array_equal(device.T.copy_to_host(), host.T)
    assert device.T.is_c_contiguous()
    assert device.transpose((0, 1)) is device
    with pytest.raises(NotImplementedError):
        device.ravel().transpose()
    np.testing.assert_array_equal(device.view(np.int32).copy_to_host(), host.view(np.int32))
    assert device.view(np.uint8).shape == (2, 12)
    with pytest.raises(ValueError, match="C-contiguous"):
        device[:, :2].view(np.uint8)
    assert device.reshape(1, 6, 1).squeeze().shape == (6,)
    parts = list(device.ravel().split(4))
    assert [part.size for part in parts] == [4, 2]
    parts[1][1] = 50
    assert device[1, 2] == 50


def test_what_a_gpu_array_refuses() -> None:
    device = cuda.to_device(np.arange(4.0))
    for item in ([0, 1], np.array([0, 1]), np.array([True, False, True, False]), ..., None):
        with pytest.raises(TypeError, match="integers and slices"):
            device[item]
    with pytest.raises(IndexError):
        device[4]
    with pytest.raises(IndexError):
        device[0, 0]
    with pytest.raises(ValueError, match="Can't assign 2-D array to 1-D self"):
        device[:] = np.zeros((1, 4))
    with pytest.raises(ValueError):
        device[:] = np.zeros(3)
    with pytest.raises(NotImplementedError):
        device[::-1].copy_to_host()
    with pytest.raises(TypeError):
        device + device
    with pytest.raises(TypeError, match="numeric dtype"):
        cuda.to_device(np.array([object()]))
    with pytest.raises(driver.CudaAPIError, match="cannot share memory with other processes"):
        device.get_ipc_handle()
    with pytest.raises(TypeError, match="shape elements must be integers"):
        cuda.device_array((2.0, 3))


def test_iteration_and_length_follow_the_first_axis() -> None:
    device = cuda.to_device(np.arange(4).reshape(2, 2))
    assert len(device) == 2
    assert [row.copy_to_host().tolist() for row in device] == [[0, 1], [2, 3]]
    assert list(device[0]) == [0, 1]


def test_scalars_lists_and_empty_arrays_become_device_arrays() -> None:
    assert cuda.to_device(3.5).shape == ()
    assert cuda.to_device(3.5)[()] == 3.5
    assert cuda.to_device([1, 2]).copy_to_host().tolist() == [1, 2]
    empty = cuda.to_device(np.zeros((0, 3)))
    assert empty.size == empty.alloc_size == 0
    assert empty.copy_to_host().shape == (0, 3)
    assert empty.__cuda_array_interface__["data"] == (0, False)


def test_records_are_read_and_assigned_by_field() -> None:
    host = np.zeros(3, POINT)
    host["n"] = [4, 5, 6]
    device = cuda.to_device(host)
    record = device[1]
    assert isinstance(record, DeviceRecord)
    assert record["n"] == 5
    record["x"] = 2.5
    record["v"][1] = 9
    back = device.copy_to_host()
    assert back[1]["x"] == 2.5
    assert back[1]["v"].tolist() == [0, 9, 0]
    single = cuda.to_device(host[2])
    assert single["n"] == 6
    assert str(single._numba_type_).startswith("Record")


def test_numba_types_of_layouts() -> None:
    def layout(device: DeviceArray) -> str:
        return device._numba_type_.layout

    matrix = cuda.to_device(np.zeros((3, 4)))
    assert layout(matrix) == "C"
    assert layout(cuda.to_device(np.zeros((3, 4), order="F"))) == "F"
    assert layout(matrix[:, :2]) == "A"
    assert layout(cuda.to_device(np.broadcast_to(np.zeros(4), (3, 4)))) == "A"


def test_interface_in_and_out() -> None:
    class Foreign:
        def __init__(self, array: DeviceArray) -> None:
            self.__cuda_array_interface__ = array.__cuda_array_interface__

    device = cuda.to_device(np.arange(12.0).reshape(3, 4))
    assert cuda.is_cuda_array(device) and not cuda.is_cuda_array(np.zeros(3))
    view = device[1:, ::2]
    imported = cuda.as_cuda_array(Foreign(view))
    imported[0, 0] = -1
    assert device[1, 0] == -1
    assert imported._gpusim_owner is device._gpusim_owner
    with pytest.raises(TypeError):
        cuda.as_cuda_array(np.zeros(3))
    outside = Foreign(device)
    outside.__cuda_array_interface__["data"] = (64, False)
    with pytest.raises(
        gpusim.KernelError, match="not in the memory of the simulated device: copy the data to the host"
    ):
        gpusim.simulate(lambda a: None)[1, 1](cuda.as_cuda_array(outside))
    masked = Foreign(device)
    masked.__cuda_array_interface__["mask"] = device
    with pytest.raises(NotImplementedError):
        cuda.as_cuda_array(masked)


def test_mapped_and_managed_memory_is_host_memory() -> None:
    for make, kind in ((cuda.mapped_array, MappedNDArray), (cuda.managed_array, ManagedNDArray)):
        array = make((2, 3), np.int32)
        array[...] = 4
        assert isinstance(array, kind)
        assert cuda.as_cuda_array(array)[1, 2] == 4
    host = np.zeros(4)
    with cuda.mapped(host) as device:
        device[2] = 8
    assert host[2] == 8
    with cuda.mapped(host, np.ones(2)) as (one, two):
        assert (one[2], two[0]) == (8, 1)


def test_like_functions_pack_but_keep_the_order_of_axes() -> None:
    source = np.zeros((4, 6, 8), np.float32).transpose(2, 0, 1)[::2]
    for like in (cuda.device_array_like, cuda.pinned_array_like, cuda.mapped_array_like):
        assert like(source).strides == np.empty_like(source).strides
        assert like(source).dtype == np.float32
    assert cuda.pinned_array((2, 3), np.int16, order="F").strides == (2, 4)


def test_memory_is_counted_and_released() -> None:
    context = cuda.current_context()
    pending = context.memory_manager.deallocations
    pending.clear()
    before = context.get_memory_info()
    device = cuda.device_array(1_000_000, np.uint8)
    address = device.gpu_data.device_pointer_value
    held = context.get_memory_info()
    assert before.free - held.free == 1_000_000
    assert held.total == before.total
    with cuda.defer_cleanup():
        del device
        pending.clear()
        assert len(pending) == 1
        assert context.get_memory_info().free == held.free
    assert MEMORY.find(address + 999_999).address == address
    pending.clear()
    assert context.get_memory_info().free == before.free
    assert MEMORY.find(address) is None


def test_more_memory_than_there_is() -> None:
    total = cuda.current_context().get_memory_info().total
    with pytest.raises(driver.CudaAPIError, match=r"more than the [\d,]+ that are free .*CUDA_ERROR_OUT_OF_MEMORY"):
        cuda.device_array(total + 1, np.uint8)


def test_memory_of_an_earlier_context_is_refused() -> None:
    device = cuda.to_device(np.ones(4))
    cuda.current_context().reset()
    with pytest.raises(gpusim.KernelError, match="used after its memory was freed"):
        gpusim.simulate(lambda a: None)[1, 1](device)
    with pytest.raises((driver.CudaAPIError, ReferenceError), match=r"not in the memory of the simulated|weakly"):
        device.copy_to_host()


def test_pointer_pieces() -> None:
    pointer = cuda.current_context().memalloc(64)
    part = pointer.view(16, 32)
    part.memset(7, 16)
    host = np.zeros(64, np.uint8)
    driver.device_to_host(host, pointer, 64)
    assert host[16:32].tolist() == [7] * 16
    assert (host[:16] == host[32]).all(), "undefined bytes all look the same"
    with pytest.raises(driver.CudaAPIError, match=r"65 bytes at address .* are not in the memory"):
        pointer.memset(0, 65)
    allocation = MEMORY.find(pointer.device_pointer_value)
    np.testing.assert_array_equal(allocation.written, (np.arange(64) // 16 == 1))


def test_pinned_memory_is_pinned_once() -> None:
    host = np.arange(4.0)
    with cuda.pinned(host), pytest.raises(driver.CudaAPIError, match="pinned already"), cuda.pinned(host):
        pass
    with cuda.mapped(host) as device:
        assert device.gpu_data.device_pointer_value == host.ctypes.data
