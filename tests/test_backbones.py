"""Qiu's networks: parameters by hand, the libraries' own networks inside, width, residual masks."""

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import nn

from ferbook.errors import InputError
from ferbook.models.backbones import BACKBONES, build, scaled
from ferbook.models.residual_masking import Masking


def count(module):
    return sum(parameter.numel() for parameter in module.parameters())


def published(name, classes=1000):
    """The library's own network, with no memory for its weights."""
    import torchvision.models as zoo
    from timm.models.dpn import DPN

    with torch.device("meta"):
        if name == "dpn26":
            plan = {"k_sec": (2, 2, 2, 2), "inc_sec": (16, 32, 24, 128), "k_r": 96}
            return DPN(num_init_features=64, num_classes=classes, **plan)
        if name == "dpn68":
            plan = {"k_sec": (3, 4, 12, 3), "inc_sec": (16, 32, 32, 64), "k_r": 128}
            return DPN(small=True, num_init_features=10, num_classes=classes, **plan)
        vgg = "_bn" if name.startswith("vgg") else ""
        return getattr(zoo, name + vgg)(num_classes=classes)


@pytest.mark.parametrize(
    ("name", "of_library", "stem", "head", "total"),
    [
        # VGG: a grey stem has 2 * 9 * 64 weights less. Three linear layers, 25,088 * 4,096 + 4,096,
        # 4,096 * 4,096 + 4,096, 4,096 * 1,000 + 1,000, become 512 * 7 + 7.
        ("vgg16", 138_365_992, -1_152, 3_591 - 123_642_856, 14_725_575),
        ("vgg19", 143_678_248, -1_152, 3_591 - 123_642_856, 20_037_831),
        # ResNet, DenseNet, DPN26: 7 * 7 * 3 * 64 = 9,408 become 3 * 3 * 1 * 64 = 576.
        # Heads: 512 features, 513,000 -> 3,591; 1,024, 1,025,000 -> 7,175
        ("resnet18", 11_689_512, 576 - 9_408, 3_591 - 513_000, 11_171_271),
        ("resnet34", 21_797_672, 576 - 9_408, 3_591 - 513_000, 21_279_431),
        ("densenet121", 7_978_856, 576 - 9_408, 7_175 - 1_025_000, 6_952_199),
        # 2,048 + 4 * 128 = 2,560 features: 2,561,000 -> 17,927
        ("dpn26", 14_530_968, 576 - 9_408, 17_927 - 2_561_000, 11_979_063),
        # 3 * 3 * 3 * 10 = 270 -> 90; 512 + 5 * 64 = 832 features: 833,000 -> 5,831
        ("dpn68", 12_611_602, 90 - 270, 5_831 - 833_000, 11_784_253),
    ],
)
def test_parameters_are_the_librarys_but_for_stem_and_head(name, of_library, stem, head, total):
    assert count(published(name)) == of_library
    with torch.device("meta"):
        assert count(build(name)) == of_library + stem + head == total


def test_parameters_of_residual_masking_by_hand():
    # A block a -> b: 9 a b + 9 b b and a shortcut a b, three normalisations 2 b. So widening
    # x -> 2 x is 56 x^2 + 12 x, narrowing 2 x -> x is 29 x^2 + 6 x; enlarging 2 x -> x is 8 x^2
    # weights, x biases, 2 x. The U-Nets, with x = C, 2 C, 4 C, 8 C:
    #   depth 1:    56 C^2 + 12 C, 29 C^2 + 6 C                           =   85 C^2 +  18 C
    #   depth 2: +  4 * 56 C^2 + 24 C, 4 * (29 + 8) C^2 + 2 * (6 + 3) C  =  457 C^2 +  60 C
    # and on by 16 * 93 C^2 + 4 * 21 C and 64 * 93 C^2 + 8 * 21 C.
    depth1 = 85 * 512**2 + 18 * 512
    depth2 = (85 + 4 * 93) * 256**2 + (18 + 2 * 21) * 256
    depth3 = (85 + 20 * 93) * 128**2 + (18 + 6 * 21) * 128
    depth4 = (85 + 84 * 93) * 64**2 + (18 + 14 * 21) * 64
    assert (depth4, depth3, depth2, depth1) == (32_366_080, 31_885_312, 29_965_312, 22_291_456)
    with torch.device("meta"):
        network = build("resmasking")
        masks = [module for module in network.modules() if isinstance(module, Masking)]
        assert [count(mask) for mask in masks] == [depth4, depth3, depth2, depth1]
        # the rest is ResNet34
        assert count(network) == 21_279_431 + 116_508_160


def shaken(network):
    """Any weights, and normalisations that do something, as after training."""
    network = network.to_empty(device="cpu")
    for parameter in network.parameters():
        bound = (3 / parameter[0].numel()) ** 0.5  # of matrices: variance 1 / inputs
        parameter.data.uniform_(-bound, bound)
    for module in network.modules():
        if isinstance(module, nn.BatchNorm2d):
            for values in (module.weight.data, module.running_var):
                values.uniform_(0.5, 1.5)
            module.running_mean.uniform_(-0.2, 0.2)
            module.num_batches_tracked.zero_()
    return network.eval()


@pytest.mark.parametrize("name", [name for name in BACKBONES if name != "resmasking"])
def test_logits_are_the_librarys_with_our_stem(name):
    torch.manual_seed(0)
    with torch.device("meta"):
        empty = build(name)
    ours, theirs = shaken(empty), published(name, classes=7)
    stem = nn.Conv2d(1, ours.stages[0][0].out_channels, 3, padding=1, bias=name.startswith("vgg"))
    if name.startswith("vgg"):
        theirs.features[0], theirs.avgpool = stem, nn.AdaptiveAvgPool2d(1)
        theirs.classifier = nn.Linear(512, 7)
    elif name.startswith("resnet"):
        theirs.conv1, theirs.maxpool = stem, nn.Identity()
    elif name.startswith("dense"):
        theirs.features.conv0, theirs.features.pool0 = stem, nn.Identity()
    else:
        theirs.features.conv1_1.conv, theirs.features.conv1_pool = stem, nn.Identity()
    theirs.to_empty(device="cpu").eval()
    pairs = zip(theirs.state_dict().items(), ours.state_dict().values(), strict=True)
    theirs.load_state_dict({key: new.reshape(old.shape) for (key, old), new in pairs})
    x = torch.rand(1, 1, 32, 32)
    with torch.no_grad():
        torch.testing.assert_close(ours(x), theirs(x), rtol=1e-4, atol=1e-5)


# --- width and size ---------------------------------------------------------------------------


@given(st.integers(1, 300), st.floats(0.05, 4))
def test_scaled_is_the_nearest_multiple_of_eight(eighths, width):
    result = scaled(8 * eighths, width)
    assert result % 8 == 0 and result >= 8
    assert result == 8 or abs(result - 8 * eighths * width) <= 4 + 1e-9
    assert result <= scaled(8 * eighths, width * 1.1)


def test_scaled_by_hand():
    # 20 lies halfway and goes up; 19.2 goes down to 16; 2.5 is less than the least
    assert [scaled(80, 0.25), scaled(64, 0.3), scaled(10, 0.25)] == [24, 16, 8]
    assert scaled(10, 1) == 10  # DPN68's stem as published


@pytest.mark.parametrize(
    ("name", "channels"),
    [
        ("vgg16", [16, 32, 64, 128, 128]),
        ("vgg19", [16, 32, 64, 128, 128]),
        ("resnet18", [16, 32, 64, 128]),
        ("resmasking", [16, 32, 64, 128]),
        # growth 8 from 16: 16 + 6 * 8, 32 + 12 * 8, 64 + 24 * 8, 128 + 16 * 8
        ("densenet121", [64, 128, 256, 256]),
        # paths 64 to 512, growth 8, 8, 8, 32 and 2 + 2 times that
        ("dpn26", [96, 160, 288, 640]),
        # paths 16 to 128, growth 8, 8, 8, 16 and 3 + 2, 4 + 2, 12 + 2, 3 + 2 times that
        ("dpn68", [56, 80, 176, 208]),
    ],
)
def test_channels_at_a_quarter_by_hand(name, channels):
    with torch.device("meta"):
        network = build(name, 0.25)
        x, seen = torch.rand(2, 1, 48, 48), []
        for stage in network.stages:
            x = stage(x)
            seen.append(x.shape[1])
    assert seen == channels and network.head.in_features == channels[-1]
    convolutions = [module for module in network.modules() if isinstance(module, nn.Conv2d)]
    assert all(module.out_channels % 8 == 0 for module in convolutions)


def test_narrow_groups_keep_their_channels():
    with torch.device("meta"):
        for width, groups in ((1, 32), (0.5, 16), (0.25, 8)):
            network = build("dpn26", width)
            grouped = [m for m in network.modules() if isinstance(m, nn.Conv2d) and m.groups > 1]
            assert {module.groups for module in grouped} == {groups}
            # published: 96, 192, 384, 768 channels in 32 groups, two blocks a stage
            assert [m.out_channels // groups for m in grouped] == [3, 3, 6, 6, 12, 12, 24, 24]


@pytest.mark.parametrize("name", BACKBONES)
def test_stages_see_what_the_stem_leaves(name):
    sizes = {40: [40, 20, 10, 5, 2], 48: [48, 24, 12, 6, 3]}
    with torch.device("meta"):
        network = build(name, 0.25, channels=4, classes=3)
        for size, expected in sizes.items():
            x, seen = torch.rand(2, 4, size, size), []
            for stage in network.stages:
                x = stage(x)
                seen.append(x.shape[-1])
            assert seen == expected[: 5 if name.startswith("vgg") else 4]
        assert network(torch.rand(2, 4, 43, 43)).shape == (2, 3)


@pytest.mark.parametrize("name", BACKBONES)
def test_a_seed_decides_the_weights_and_all_are_trained(name):
    networks = []
    for seed in (1, 1, 2):
        torch.manual_seed(seed)
        networks.append(build(name, 0.125, "cbam"))
    x = torch.rand(2, 1, 40, 40)
    logits = [network(x) for network in networks]
    assert torch.equal(logits[0], logits[1]) and not torch.equal(logits[0], logits[2])
    logits[0].logsumexp(1).sum().backward()
    missing = [key for key, value in networks[0].named_parameters() if value.grad is None]
    assert not missing


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"name": "resnet18", "stride": 3}, "stride 3 of resnet18: expected 1, or 2"),
        ({"name": "vgg19", "stride": 2}, "stride 2 of vgg19: expected 1"),
        ({"name": "alexnet"}, "'alexnet': expected one of vgg16, .*resmasking"),
        ({"name": "vgg16", "attention": "channel"}, "'channel': expected one of cbam, spatial"),
        ({"name": "vgg16", "width": 0}, "width 0: expected a factor above 0"),
        ({"name": "vgg16", "width": -0.5}, "width -0.5"),
        ({"name": "vgg16", "width": float("nan")}, "width nan"),
        ({"name": "vgg16", "width": float("inf")}, "width inf"),
        ({"name": "vgg16", "channels": 0}, "0 channels, 7 classes"),
        ({"name": "vgg16", "classes": 0}, "1 channels, 0 classes"),
    ],
)
def test_bad_input_is_one_line(arguments, message):
    with torch.device("meta"), pytest.raises(InputError, match=message):
        build(**arguments)


# --- residual masking -------------------------------------------------------------------------


def test_four_masks_each_after_its_stage_and_one_level_shallower():
    network = build("resmasking", 0.125).eval()
    assert sum(isinstance(module, Masking) for module in network.modules()) == 4
    lowest = {}
    for i, stage in enumerate(network.stages):
        mask = stage[-1]
        assert isinstance(mask, Masking) and len(mask.down) == 4 - i
        assert len(mask.up) == len(mask.enlarge) == 3 - i
        mask.down[-1].register_forward_hook(lambda _m, _x, y, i=i: lowest.update({i: y.shape[1:]}))
    network(torch.rand(1, 1, 40, 40))
    # 8, 16, 32, 64 channels doubled 4, 3, 2, 1 times; 40, 20, 10, 5 px halved 3, 2, 1, 0 times
    assert lowest == {i: (128, 5, 5) for i in range(4)}


@pytest.mark.parametrize("size", [10, 11])
def test_a_mask_is_a_share_of_each_place(size):
    torch.manual_seed(3)
    masking, x = shaken(Masking(8, 3)), torch.rand(2, 8, size, size)
    mask = masking.mask(x)
    assert mask.shape == x.shape and mask.min() >= 0 and mask.max() <= 1
    torch.testing.assert_close(mask.sum(1), torch.ones(2, size, size))
    assert mask.std() > 0.01
    torch.testing.assert_close(masking(x), (1 + mask) * x)


def test_no_mask_leaves_features_alone(monkeypatch):
    masking, x = Masking(8, 1), torch.randn(2, 8, 5, 5)
    monkeypatch.setattr(masking, "mask", torch.zeros_like)
    assert torch.equal(masking(x), x)
    monkeypatch.setattr(masking, "mask", torch.ones_like)
    assert torch.equal(masking(x), 2 * x)


def test_two_levels_written_out():
    torch.manual_seed(4)
    masking, x = shaken(Masking(8, 2)), torch.rand(2, 8, 6, 6)
    upper = masking.down[0](x)  # 16 x 6 x 6
    lower = masking.down[1](nn.MaxPool2d(2)(upper))  # 32 x 3 x 3
    enlarged = masking.enlarge[0].norm(masking.enlarge[0].conv(lower)).relu()  # 16 x 6 x 6
    joined = masking.up[0](torch.cat([enlarged, upper], 1))
    torch.testing.assert_close(masking.mask(x), torch.softmax(masking.last(joined), 1))


def test_a_fresh_block_is_its_shortcut():
    torch.manual_seed(5)
    block, x = Masking(8, 1).eval().down[0], torch.randn(1, 8, 4, 4)
    torch.testing.assert_close(block(x), block.downsample(x).relu())


@pytest.mark.parametrize("name", ["resnet18", "densenet121", "dpn26", "resmasking"])
def test_a_stem_of_stride_2_halves_the_maps_and_changes_no_weight(name):
    torch.manual_seed(0)
    whole = build(name, 0.125).eval()
    torch.manual_seed(0)
    half = build(name, 0.125, stride=2).eval()
    pairs = zip(whole.parameters(), half.parameters(), strict=True)
    assert all(torch.equal(a, b) for a, b in pairs)
    with torch.no_grad():
        x = torch.zeros(1, 1, 40, 40)
        assert whole.stages[0](x).shape[-1] == 40 and half.stages[0](x).shape[-1] == 20
        assert half(x).shape == (1, 7)
