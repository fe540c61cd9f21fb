// LibTorch, as much of it as heed uses. torch/torch.h would bring all of its layers, optimizers and
// loaders, and make every file take four times as long to compile. This is the precompiled header.
#pragma once

#include <ATen/Parallel.h>
#include <torch/autograd.h>
#include <torch/cuda.h>
#include <torch/nn/init.h>
#include <torch/nn/module.h>
#include <torch/types.h>
#include <torch/utils.h>
#include <torch/version.h>
